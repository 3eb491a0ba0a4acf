# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""Many frames laid one behind the other as pcapng blocks or pcap records.

Takes a row a frame that tells where its parts stand, and the buffers that hold them; fills a buffer to write. Knows these two layouts
only (draft-ietf-opsawg-pcapng, draft-ietf-opsawg-pcap), no file and no protocol.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef enum:
    ENHANCED_PACKET = 6
    COMMENT = 1
    BLOCK = 32
    RECORD = 16
    OPTION = 4
    LONGEST_TEXT = 0xFFFF

cdef int64_t SECOND = 1000000000
cdef int64_t LAST_NS = (<int64_t> 1 << 32) * SECOND - 1

cdef packed struct Row:
    int64_t time_ns
    int64_t head_at
    int64_t body_at
    int64_t text_at
    uint32_t head_size
    uint32_t body_size
    uint32_t text_size
    uint32_t original


cdef class Room:
    """A buffer of `out` that is filled from its beginning; `used` bytes are. Never grows: ValueError when something doesn't fit."""

    cdef uint8_t[::1] out
    cdef readonly Py_ssize_t used

    def __init__(self, out):
        self.out = out
        self.used = 0

    cdef int reserve(self, Py_ssize_t size) except -1:
        if size > self.out.shape[0] - self.used:
            raise ValueError("the buffer is too small")
        return 0

    cdef inline void put(self, uint32_t number) noexcept:
        # Only behind `reserve`.
        cdef uint8_t* here = &self.out[0] + self.used
        here[0] = number & 0xFF
        here[1] = number >> 8 & 0xFF
        here[2] = number >> 16 & 0xFF
        here[3] = number >> 24 & 0xFF
        self.used += 4

    cdef inline int copy(self, const uint8_t[::1] source, int64_t at, uint32_t size) except -1:
        if size == 0:
            return 0
        if at < 0 or at > source.shape[0] - <int64_t> size:
            raise ValueError("a part lies outside its buffer")
        self.reserve(size)
        memcpy(&self.out[0] + self.used, &source[0] + at, size)
        self.used += size
        return 0

    cdef inline int pad(self) except -1:
        cdef uint32_t more = -self.used & 3
        self.reserve(more)
        while more:
            self.out[self.used] = 0
            self.used += 1
            more -= 1
        return 0


cdef inline uint32_t padded(uint32_t size) noexcept:
    return (size + 3) & ~<uint32_t> 3


def lay_blocks(const Row[::1] rows, parts, dict more, uint32_t interface, uint8_t[::1] out):
    """Fill `out` with one Enhanced Packet Block a row; give how many bytes that took.

    `parts` are the buffers that `head_at`, `body_at` and `text_at` count in: a frame is its head and its body, the text its comment, which
    stands before the options that `more` holds for the row's place, ready to write. Raises ValueError where `out` is too
    small or a part lies outside of its buffer.
    """
    cdef const uint8_t[::1] heads = parts[0], bodies = parts[1], texts = parts[2], extra
    cdef Room room = Room(out)
    cdef Py_ssize_t place
    cdef uint32_t size, options, length, extra_size
    cdef uint64_t ticks
    cdef Row row
    cdef bint any_more = len(more) > 0
    for place in range(rows.shape[0]):
        row = rows[place]
        extra = b""
        if any_more:
            found = more.get(place)
            if found is not None:
                extra = found
        extra_size = <uint32_t> extra.shape[0]
        if row.text_size > LONGEST_TEXT:
            raise ValueError("the comment is longer than an option can be")
        size = row.head_size + row.body_size
        options = extra_size + (OPTION + padded(row.text_size) if row.text_size else 0)
        if options:
            options += OPTION
        length = BLOCK + padded(size) + options
        room.reserve(BLOCK)
        ticks = <uint64_t> (row.time_ns if row.time_ns > 0 else 0)
        room.put(ENHANCED_PACKET)
        room.put(length)
        room.put(interface)
        room.put(<uint32_t> (ticks >> 32))
        room.put(<uint32_t> (ticks & 0xFFFFFFFF))
        room.put(size)
        room.put(row.original)
        room.copy(heads, row.head_at, row.head_size)
        room.copy(bodies, row.body_at, row.body_size)
        room.pad()
        if row.text_size:
            room.reserve(OPTION)
            room.put(COMMENT | row.text_size << 16)
            room.copy(texts, row.text_at, row.text_size)
            room.pad()
        room.copy(extra, 0, extra_size)
        room.reserve(2 * OPTION)
        if options:
            room.put(0)
        room.put(length)
    return room.used


def lay_records(const Row[::1] rows, parts, uint8_t[::1] out):
    """Fill `out` with one pcap record a row, times in nanoseconds; else as `lay_blocks`, without comments."""
    cdef const uint8_t[::1] heads = parts[0], bodies = parts[1]
    cdef Room room = Room(out)
    cdef Py_ssize_t place
    cdef int64_t time_ns
    cdef Row row
    for place in range(rows.shape[0]):
        row = rows[place]
        time_ns = min(max(row.time_ns, 0), LAST_NS)
        room.reserve(RECORD)
        room.put(<uint32_t> (time_ns / SECOND))
        room.put(<uint32_t> (time_ns % SECOND))
        room.put(row.head_size + row.body_size)
        room.put(row.original)
        room.copy(heads, row.head_at, row.head_size)
        room.copy(bodies, row.body_at, row.body_size)
    return room.used
