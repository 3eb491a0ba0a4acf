"""Rules of the family directaccess, one file each."""
