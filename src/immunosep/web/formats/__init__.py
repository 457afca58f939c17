"""How numbers and dates are written, by language: alike in all, with a decimal point."""
