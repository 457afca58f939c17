"""The pages of enrolment: each fetches, asks whether one may, calls one action, and renders."""
