"""DTLS: sessions over datagrams, of which some are lost, repeated or out of order.

sessions       all of a capture
association    both sides of one; handshake puts its messages together
keys, dtls13   which keys a datagram's epoch has
"""
