"""From an FCS file to antibodies bound per cell: read, gate, calibrate, and say how sure it is."""
