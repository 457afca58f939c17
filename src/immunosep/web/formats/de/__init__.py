"""German: as in English."""
