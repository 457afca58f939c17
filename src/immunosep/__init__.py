"""A precision trial, executable: the protocol is a value, everything else a function of it."""

__version__ = "0.1.0"
