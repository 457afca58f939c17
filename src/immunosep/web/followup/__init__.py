"""Following participants: their casebook page by page, doses, what is due, the course as a line."""
