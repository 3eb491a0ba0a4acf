"""Keys: files of every form read, secrets found for a session, and what protects records derived from them.

files, log, pem, shapes, opening   what a file of keys is, and the keys in it, also behind a password
ring                               all keys at hand
masters, premasters, session       the secrets of one handshake, by whichever key gives them
derive                             from secrets to keys
"""
