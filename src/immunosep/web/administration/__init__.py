"""The pages of the audit trail and of the centres, above the parts whose records they show."""
