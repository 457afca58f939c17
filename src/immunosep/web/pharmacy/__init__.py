"""What the unblinded pharmacist sees: the worklist with contents, lots, checks, stock. Keyed."""
