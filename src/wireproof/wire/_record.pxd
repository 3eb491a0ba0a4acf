# Where a TLS record ends, for compiled code that goes from one to the next (RFC 8446 section 5.1). Knows nothing of what it holds.

from libc.stdint cimport uint8_t

cdef enum:
    RECORD_HEADER = 5
    CHANGE_CIPHER_SPEC_TYPE = 20
    APPLICATION_DATA_TYPE = 23
    HEARTBEAT_TYPE = 24


cdef inline Py_ssize_t record_end(bytes data, Py_ssize_t at, Py_ssize_t most) except? -2:
    """One past the whole record at `at`, -1 where there is none. Its body has up to `most` bytes; only one of application data may be empty."""
    cdef Py_ssize_t end = len(data), size
    cdef uint8_t kind
    if at < 0 or at > end - RECORD_HEADER:
        return -1
    kind, size = <uint8_t> data[at], <uint8_t> data[at + 3] << 8 | <uint8_t> data[at + 4]
    if kind < CHANGE_CIPHER_SPEC_TYPE or kind > HEARTBEAT_TYPE or data[at + 1] != 3 or <uint8_t> data[at + 2] > 4:
        return -1
    if size > most or size > end - at - RECORD_HEADER or (size == 0 and kind != APPLICATION_DATA_TYPE):
        return -1
    return at + RECORD_HEADER + size
