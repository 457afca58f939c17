"""The report of a trial's records: one document, written as HTML, PDF, Word and JSON."""
