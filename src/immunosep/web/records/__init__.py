"""The trial's records, out of the database: the tables that analysis reads (`tables.records`)."""
