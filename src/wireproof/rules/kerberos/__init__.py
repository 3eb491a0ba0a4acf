"""Rules of the family kerberos, one file each."""
