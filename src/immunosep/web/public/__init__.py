"""What anyone may see: what the trial asks, who can join, where, and how to refer a patient."""
