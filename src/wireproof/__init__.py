"""wireproof: what failed on a connection, where, and which frames prove it."""

__version__ = "0.1.0"
