"""Rules of the family path, one file each."""
