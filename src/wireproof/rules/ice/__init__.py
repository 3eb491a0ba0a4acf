"""Rules of the family ice, one file each."""
