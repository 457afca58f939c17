"""Telling people and other programs that something happened: digests by e-mail, and webhooks."""
