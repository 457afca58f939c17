"""Amendments: versions of the trial, their approvals, and when each went live at which centre."""
