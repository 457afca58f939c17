"""From patient to participant: screening, consent, laboratory, allocation, the first dose."""
