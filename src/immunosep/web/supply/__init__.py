"""What is prepared or dispensed: orders, preparations, kits, and the ledger of movements."""
