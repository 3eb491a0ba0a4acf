"""Rules of the family windows, one file each: what logs and traces of Windows prove together with the frames."""
