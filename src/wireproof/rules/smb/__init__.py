"""Rules of the family smb, one file each."""
