"""Whether a marker tells who has a condition: found in one cohort, tried in another, confirmed."""
