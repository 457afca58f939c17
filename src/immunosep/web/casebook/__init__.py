"""The casebook: pages of forms, their checks, queries, verification, freezing, locking, signing."""
