"""Rules of the family udp, one file each."""
