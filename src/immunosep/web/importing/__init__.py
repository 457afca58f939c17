"""Results by file: looked at before they are recorded, by the same actions as typed ones."""
