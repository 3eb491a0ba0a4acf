"""Rules of the family ike, one file each."""
