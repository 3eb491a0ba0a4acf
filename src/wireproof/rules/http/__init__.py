"""Rules of the family http, one file each."""
