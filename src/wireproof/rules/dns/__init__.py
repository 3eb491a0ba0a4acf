"""Rules of the family dns, one file each."""
