"""What templates may ask of this part."""
