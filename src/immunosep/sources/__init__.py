"""Where tables come from: each source turns its own records into the canonical event tables."""
