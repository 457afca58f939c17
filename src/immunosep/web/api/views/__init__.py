"""The endpoints: each fetches, asks whether one may, calls one action, and answers."""
