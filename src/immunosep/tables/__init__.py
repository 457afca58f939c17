"""What a patient record looks like: columns, units, ranges, codes, and the event tables."""
