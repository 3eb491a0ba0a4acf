"""Blanks credentials in what is written, byte for byte: nothing moves, and what is blanked can't be told from its length alone.

It rather blanks too much than too little: after a gap, and in what hides its text, nothing is kept that might be part of a secret.
"""
