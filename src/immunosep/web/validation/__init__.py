"""The validation pack: what is required, which test shows it, what this installation answers."""
