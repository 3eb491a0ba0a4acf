"""Rules of the family app, one file each."""
