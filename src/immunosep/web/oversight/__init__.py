"""Oversight: how the trial goes, deviations from its protocol, who was trained for which task."""
