"""What a terminal shows: pages for people, readable at 80 columns and without colour."""
