"""Randomisation as CONSORT divides it: the sequence is generated, concealed, then implemented."""
