"""Rules of the family icmp, one file each."""
