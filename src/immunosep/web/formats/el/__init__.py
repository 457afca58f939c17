"""Greek: as in English."""
