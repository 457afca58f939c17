"""What medicine has agreed: one concept, one file, as Ibis expressions with their source."""
