"""Who may come in, as what, and where: accounts, roles, blinding status, access review."""
