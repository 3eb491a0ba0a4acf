# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""Bytes from many places of a file, one behind the other: what the packets of a stream carried, without an object for each.

Takes what reads at an offset, and places; gives the bytes that are there. Knows no capture format.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t
from libc.string cimport memcpy

cdef int64_t FARTHEST = <int64_t> 1 << 61


cdef Py_ssize_t span_end(const int64_t[::1] begins, const int64_t[::1] sizes, Py_ssize_t place, int64_t gap, int64_t span) except -1:
    """The place behind those that are fetched together: each begins behind the one before, by `gap` bytes at most, and `span` from the first."""
    cdef int64_t first = begins[place], end = first + sizes[place]
    place += 1
    while place < begins.shape[0] and 0 <= begins[place] - end <= gap and begins[place] - first < span:
        end = begins[place] + sizes[place]
        place += 1
    return place


cdef class Room:
    """Bytes that are filled from their beginning; `used` of them are. ValueError when something does not fit."""

    cdef bytes whole
    cdef Py_ssize_t size, used

    def __init__(self, Py_ssize_t size):
        self.whole = PyBytes_FromStringAndSize(NULL, size)
        self.size, self.used = size, 0

    cdef int copy(self, bytes data, int64_t begin, int64_t count) except -1:
        """Add so many bytes from a place of `data` on, or as many as there are."""
        cdef int64_t there = len(data) - begin
        count = min(count, there)
        if begin < 0 or count <= 0:
            return 0
        if count > self.size - self.used:
            raise ValueError("more bytes than there is room for")
        memcpy(PyBytes_AS_STRING(self.whole) + self.used, PyBytes_AS_STRING(data) + begin, count)
        self.used += count
        return 0

    cdef bytes filled(self):
        return self.whole if self.used == self.size else self.whole[: self.used]


def gather(read_at, const int64_t[::1] begins not None, const int64_t[::1] sizes not None, int64_t gap, int64_t span):
    """The bytes at these offsets, `sizes` of each, as `read_at(offset, length)` gives them: fewer where the file ends.

    Places in order that are no more than `gap` bytes apart are read in one go, as long as they begin within `span` bytes.
    """
    cdef Py_ssize_t place = 0, behind, count = begins.shape[0]
    cdef int64_t first, total = 0
    cdef bytes data
    cdef Room room
    if sizes.shape[0] != count:
        raise ValueError("not as many sizes as places")
    for place in range(count):
        if not (0 <= begins[place] <= FARTHEST and 0 <= sizes[place] <= FARTHEST):
            raise ValueError("a place that no file has")
        total += sizes[place]
        if total > FARTHEST:
            raise ValueError("places that hold more than any file")
    if count == 1:
        data = read_at(begins[0], sizes[0])
        return data
    room = Room(total)
    place = 0
    while place < count:
        behind = span_end(begins, sizes, place, gap, span)
        first = begins[place]
        data = read_at(first, begins[behind - 1] + sizes[behind - 1] - first)
        while place < behind:
            room.copy(data, begins[place] - first, sizes[place])
            place += 1
    return room.filled()


def pick(bytes data not None, const int64_t[::1] begins not None, const int64_t[::1] sizes not None):
    """The bytes at these offsets of `data`, one behind the other, in any order. ValueError where a place lies outside."""
    cdef Py_ssize_t place, count = begins.shape[0]
    cdef int64_t total = 0, there = len(data)
    cdef Room room
    if sizes.shape[0] != count:
        raise ValueError("not as many sizes as places")
    for place in range(count):
        if not (0 <= begins[place] <= there and 0 <= sizes[place] <= there - begins[place]):
            raise ValueError("a place outside the bytes")
        total += sizes[place]
    room = Room(total)
    for place in range(count):
        room.copy(data, begins[place], sizes[place])
    return room.filled()
