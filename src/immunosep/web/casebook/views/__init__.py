"""The pages of cleaning the data."""
