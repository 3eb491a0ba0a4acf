"""Protected records of every version and suite: opened, and their MACs or tags checked.

opener      what opens records, and how it says that one is not right
choose      the opener for a version, a suite and its keys
mac, cbc    NULL, RC4 and block ciphers, with the compiled _blocks; aead, block_gcm and the compiled _runs are AEADs
ciphers     where the cryptography library keeps each cipher
"""
