"""QUIC: connections opened with the secrets of a key log.

sessions      all of a capture
connection    both sides of one; packets opens what each datagram holds
streams       what was said in each stream
"""
