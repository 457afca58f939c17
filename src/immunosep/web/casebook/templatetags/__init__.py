"""What templates of the casebook may ask for."""
