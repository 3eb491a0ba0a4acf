"""Rules of the family rpc, one file each."""
