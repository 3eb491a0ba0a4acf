"""Short sessions with the usual handshake, opened many at a time: nearly all sessions of a busy server are such.

_walk      the bytes of one side: messages in clear, and what the records behind them hold
hellos     what both sides agreed on in clear
keys       from secrets of a session to the openers of its records
columns    what was opened of a group of sessions, and the clear streams over it
way        which sessions are short and usual, and what comes out

Whatever is not usual (missing bytes, another handshake, keys that do not fit) is left to `Session`, with nothing changed.
"""
