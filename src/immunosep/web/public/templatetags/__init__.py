"""What the head of every page needs."""
