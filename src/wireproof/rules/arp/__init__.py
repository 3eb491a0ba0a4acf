"""Rules of the family arp, one file each."""
