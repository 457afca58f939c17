"""Who did what, when, from what, to what, and why: append-only, hash-chained, never off."""
