"""Rules of the family tcp, one file each."""
