"""Rules of the family sip, one file each."""
