"""Rules of the family capture, one file each."""
