"""The pages of follow-up: each fetches, asks whether one may, calls one action, and renders."""
