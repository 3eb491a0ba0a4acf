# What compiled openers share: bytes at known places, the header that MACs cover, and the columns of a run.

from cpython.array cimport array
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t

cdef enum:
    MAC_HEADER = 13


cdef inline bytes cut(bytes data, Py_ssize_t begin, Py_ssize_t end):
    """Some of the bytes, at places that are known to lie within; a slice of Python's takes five times as long."""
    if begin < 0 or end < begin or end > len(data):
        raise IndexError("a place outside the bytes")
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(data) + begin, end - begin)


cdef inline void put_16(uint8_t* at, uint32_t number) noexcept:
    at[0] = number >> 8 & 0xFF
    at[1] = number & 0xFF


cdef inline bytes pack_header(uint64_t sequence, uint32_t kind, uint32_t version, uint32_t size):
    """What MACs and tags cover before the content up to TLS 1.2 (RFC 5246 section 6.2.3.3)."""
    cdef uint8_t header[MAC_HEADER]
    cdef int place
    for place in range(8):
        header[place] = sequence >> (56 - 8 * place) & 0xFF
    header[8] = kind & 0xFF
    put_16(header + 9, version)
    put_16(header + 11, size)
    return PyBytes_FromStringAndSize(<char*> header, MAC_HEADER)


cdef class Contents:
    cdef object data
    cdef array raw, clear
    cdef Py_ssize_t used, room

    cpdef int add(self, bytes content, Py_ssize_t size, Py_ssize_t raw_end) except -1
    cpdef object finish(self)
