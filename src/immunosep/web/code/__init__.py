"""The sealed code as the site keeps it: ciphertext by stratum and position, and its commitment."""
