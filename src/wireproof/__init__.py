"""wireproof: what failed on a connection, where, and which frames prove it."""
