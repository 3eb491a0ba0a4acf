"""Rules of the family stun, one file each."""
