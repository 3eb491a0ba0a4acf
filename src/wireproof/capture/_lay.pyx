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
    FIXED = 28
    RECORD = 16
    OPTION = 4
    LONGEST_TEXT = 0xFFFF

cdef int64_t SECOND = 1000000000
cdef int64_t LAST_NS = (<int64_t> 1 << 32) * SECOND - 1
# What can be stated of how long a block is.
cdef int64_t MOST = 0xFFFFFFFF

cdef packed struct Row:
    int64_t time_ns
    int64_t head_at
    int64_t body_at
    int64_t text_at
    uint32_t head_size
    uint32_t body_size
    uint32_t text_size
    uint32_t original


cdef inline void put(uint8_t* at, uint32_t number) noexcept:
    at[0] = number & 0xFF
    at[1] = number >> 8 & 0xFF
    at[2] = number >> 16 & 0xFF
    at[3] = number >> 24 & 0xFF


cdef inline int64_t padded(int64_t size) noexcept:
    return (size + 3) & ~<int64_t> 3


cdef inline int check(int64_t at, int64_t size, int64_t whole) except -1:
    """Refuse a part that lies outside of its buffer; one without bytes lies nowhere."""
    if size and (at < 0 or at > whole - size):
        raise ValueError("a part lies outside its buffer")
    return 0


cdef inline int reserve(int64_t used, int64_t size, int64_t whole) except -1:
    if size > whole - used or size > MOST:
        raise ValueError("the buffer is too small")
    return 0


cdef inline uint8_t* copy(uint8_t* at, const uint8_t[::1] source, int64_t begin, int64_t size) noexcept:
    """Lay a part that was checked; give where it ends."""
    if size:
        memcpy(at, &source[0] + begin, size)
    return at + size


cdef inline uint8_t* pad(uint8_t* at, int64_t size) noexcept:
    """Fill up what takes so many bytes to the next number of 32 bits."""
    cdef int64_t more = -size & 3
    while more:
        at[0] = 0
        at += 1
        more -= 1
    return at


def lay_blocks(const Row[::1] rows, parts, dict more, uint32_t interface, uint8_t[::1] out):
    """Fill `out` with one Enhanced Packet Block a row; give how many bytes that took.

    `parts` are the buffers that `head_at`, `body_at` and `text_at` count in: a frame is its head and its body, the text its comment, which
    stands before the options that `more` holds for the row's place, ready to write. Raises ValueError where `out` is too
    small or a part lies outside of its buffer.
    """
    cdef const uint8_t[::1] heads = parts[0], bodies = parts[1], texts = parts[2]
    cdef Py_ssize_t place
    cdef int64_t used = 0, size, options, length
    cdef const Row* row
    cdef uint8_t* at
    cdef bytes extra = b""
    cdef bint any_more = len(more) > 0
    for place in range(rows.shape[0]):
        row = &rows[place]
        if any_more:
            extra = more.get(place, b"")
        if row.text_size > LONGEST_TEXT:
            raise ValueError("the comment is longer than an option can be")
        check(row.head_at, row.head_size, heads.shape[0])
        check(row.body_at, row.body_size, bodies.shape[0])
        check(row.text_at, row.text_size, texts.shape[0])
        size = <int64_t> row.head_size + row.body_size
        options = len(extra) + (OPTION + padded(row.text_size) if row.text_size else 0)
        if options:
            options += OPTION
        length = BLOCK + padded(size) + options
        reserve(used, length, out.shape[0])
        at = put_fixed(&out[used], row, interface, <uint32_t> size, <uint32_t> length)
        at = copy(copy(at, heads, row.head_at, row.head_size), bodies, row.body_at, row.body_size)
        at = pad(at, size)
        if row.text_size:
            put(at, COMMENT | row.text_size << 16)
            at = pad(copy(at + OPTION, texts, row.text_at, row.text_size), row.text_size)
        if options:
            memcpy(at, <const char*> extra, len(extra))
            put(at + len(extra), 0)
        used += length
        put(&out[used - OPTION], <uint32_t> length)
    return used


cdef inline uint8_t* put_fixed(uint8_t* at, const Row* row, uint32_t interface, uint32_t size, uint32_t length) noexcept:
    """What stands before a frame in its block."""
    cdef uint64_t ticks = <uint64_t> max(row.time_ns, 0)
    put(at, ENHANCED_PACKET)
    put(at + 4, length)
    put(at + 8, interface)
    put(at + 12, <uint32_t> (ticks >> 32))
    put(at + 16, <uint32_t> (ticks & 0xFFFFFFFF))
    put(at + 20, size)
    put(at + 24, row.original)
    return at + FIXED


def lay_records(const Row[::1] rows, parts, uint8_t[::1] out):
    """Fill `out` with one pcap record a row, times in nanoseconds; else as `lay_blocks`, without comments."""
    cdef const uint8_t[::1] heads = parts[0], bodies = parts[1]
    cdef Py_ssize_t place
    cdef int64_t used = 0, size, time_ns
    cdef const Row* row
    cdef uint8_t* at
    for place in range(rows.shape[0]):
        row = &rows[place]
        check(row.head_at, row.head_size, heads.shape[0])
        check(row.body_at, row.body_size, bodies.shape[0])
        size = <int64_t> row.head_size + row.body_size
        reserve(used, RECORD + size, out.shape[0])
        time_ns = min(max(row.time_ns, 0), LAST_NS)
        at = &out[used]
        put(at, <uint32_t> (time_ns / SECOND))
        put(at + 4, <uint32_t> (time_ns % SECOND))
        put(at + 8, <uint32_t> size)
        put(at + 12, row.original)
        copy(copy(at + RECORD, heads, row.head_at, row.head_size), bodies, row.body_at, row.body_size)
        used += RECORD + size
    return used
