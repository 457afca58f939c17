"""Whom a trial would take: every criterion answered, explained, and counted over a hospital."""
