"""Rules of the family ldap, one file each."""
