"""Rules of the family lync, one file each."""
