"""Backups: one file with everything a site has but its secrets, for either engine."""
