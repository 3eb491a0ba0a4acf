# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""The loops over the bytes of an ETL buffer: from event to event, the unpacking of buffers, and the search for the next one.

Takes bytes and lengths; gives one record an event of the providers asked for. Every read is checked against its end.
Layouts: evntrace.h and evntcons.h; [MS-XCA] 2.4 and 2.5 for plain LZ77 and LZNT1. Knows no file and no provider's fields.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

END = 0
FULL = 1
DAMAGED = 2
BUFFER_HEADER = 72
LONGEST_BUFFER = 1 << 26

cdef enum:
    STOP_END = 0
    STOP_FULL = 1
    STOP_DAMAGED = 2
    HEADER = 72
    LONGEST = 67108864
    EVENT_HEADER = 80
    # Kinds of event header, the third byte of each.
    KIND_SYSTEM_32 = 1
    KIND_COMPACT_64 = 4
    KIND_PERFORMANCE_32 = 16
    KIND_PERFORMANCE_64 = 17
    KIND_EVENT_32 = 18
    KIND_EVENT_64 = 19
    # Bits of the fourth byte.
    IS_HEADER = 0x80
    IS_MESSAGE = 0x10
    EXTENDED = 1
    LONGER_FOLLOWS = 1

cdef packed struct Event:
    int64_t ticks
    uint64_t keyword
    uint32_t at
    uint32_t size
    uint32_t process
    uint32_t thread
    uint16_t id
    uint8_t version
    uint8_t provider


cdef inline uint32_t read_16(const uint8_t[::1] data, Py_ssize_t at) noexcept nogil:
    return data[at] | <uint32_t> data[at + 1] << 8


cdef inline uint32_t read_32(const uint8_t[::1] data, Py_ssize_t at) noexcept nogil:
    return read_16(data, at) | read_16(data, at + 2) << 16


cdef inline uint64_t read_64(const uint8_t[::1] data, Py_ssize_t at) noexcept nogil:
    return read_32(data, at) | <uint64_t> read_32(data, at + 4) << 32


cdef inline Py_ssize_t length_of(const uint8_t[::1] data, Py_ssize_t at) noexcept nogil:
    """Stated length of the event at `at`, of which 8 bytes are there; 0 when no event header starts there."""
    cdef int kind = data[at + 2], marks = data[at + 3]
    if not marks & IS_HEADER:
        return 0
    if not marks & IS_MESSAGE and (
        KIND_SYSTEM_32 <= kind <= KIND_COMPACT_64 or KIND_PERFORMANCE_32 <= kind <= KIND_PERFORMANCE_64
    ):
        return read_16(data, at + 4)
    return read_16(data, at)


cdef inline Py_ssize_t skip_extended(const uint8_t[::1] data, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    """Where user data begin behind the extended items at `at`; `end` when an item leaves the event."""
    cdef Py_ssize_t size
    cdef bint more = True
    while more:
        if end - at < 8:
            return end
        more = read_16(data, at + 4) & LONGER_FOLLOWS
        size = 8 + read_16(data, at + 6)
        at += size + 7 & ~<Py_ssize_t> 7
    return min(at, end)


cdef inline int find_provider(const uint8_t[::1] data, Py_ssize_t at, const uint64_t[:, ::1] providers) noexcept nogil:
    """Index of the GUID at `at`; -1 when it is none of them."""
    cdef uint64_t first = read_64(data, at), second = read_64(data, at + 8)
    cdef Py_ssize_t index
    for index in range(providers.shape[0]):
        if providers[index, 0] == first and providers[index, 1] == second:
            return <int> index
    return -1


cdef inline void fill(const uint8_t[::1] data, Py_ssize_t at, Py_ssize_t size, Event* row) noexcept nogil:
    cdef Py_ssize_t end = at + size, start = at + EVENT_HEADER
    if read_16(data, at + 4) & EXTENDED:
        start = skip_extended(data, start, end)
    row.ticks = <int64_t> read_64(data, at + 16)
    row.keyword = read_64(data, at + 48)
    row.at = <uint32_t> start
    row.size = <uint32_t> (end - start)
    row.process = read_32(data, at + 12)
    row.thread = read_32(data, at + 8)
    row.id = <uint16_t> read_16(data, at + 40)
    row.version = data[at + 42]


def walk_events(const uint8_t[::1] data, Py_ssize_t at, Py_ssize_t end, const uint64_t[:, ::1] providers, Event[::1] rows):
    """Fill `rows` with the events of `providers` (a GUID in two 64-bit halves each) between `at` and `end`.

    Gives (position, why it stopped, rows filled, events passed). A row's `at` and `size` place the user data.
    """
    cdef Py_ssize_t size, count = 0, passed = 0, room = rows.shape[0]
    cdef int provider, kind, stop = STOP_END
    end = min(end, data.shape[0])
    with nogil:
        while end - at >= 8:
            size = length_of(data, at)
            if size < 8 or size > end - at:
                stop = STOP_DAMAGED
                break
            kind = data[at + 2]
            provider = -1
            if (kind == KIND_EVENT_32 or kind == KIND_EVENT_64) and size >= EVENT_HEADER and not data[at + 3] & IS_MESSAGE:
                provider = find_provider(data, at + 24, providers)
            if provider >= 0:
                if count == room:
                    stop = STOP_FULL
                    break
                fill(data, at, size, &rows[count])
                rows[count].provider = <uint8_t> provider
                count += 1
            passed += 1
            at += size + 7 & ~<Py_ssize_t> 7
    return min(at, end), stop, count, passed


cdef inline bint looks_like_buffer(const uint8_t[::1] data, Py_ssize_t at) noexcept nogil:
    """Whether a buffer header stands at `at`, of which all bytes are there. Asks all that a sound one keeps."""
    cdef uint32_t size = read_32(data, at), used = read_32(data, at + 4)
    if size < HEADER or size > LONGEST or used < HEADER or used > LONGEST or used != read_32(data, at + 48):
        return False
    if read_32(data, at + 12) != 0 or read_16(data, at + 52) > 0x7F or read_16(data, at + 54) > 7:
        return False
    return data[at + 52] & 0x40 or used <= size


def find_buffer(const uint8_t[::1] data, Py_ssize_t at, Py_ssize_t end):
    """Position of the first buffer header at or behind `at`; -1 when none lies whole before `end`."""
    cdef Py_ssize_t found = -1
    end = min(end, data.shape[0])
    with nogil:
        while end - at >= HEADER:
            if looks_like_buffer(data, at):
                found = at
                break
            at += 1
    return found


cdef inline Py_ssize_t copy_match(uint8_t[::1] out, Py_ssize_t at, Py_ssize_t distance, Py_ssize_t length) noexcept nogil:
    """Repeat `length` bytes from `distance` back; gives the position behind them, -1 when that is before the start."""
    cdef Py_ssize_t last
    if distance > at:
        return -1
    last = at + min(length, out.shape[0] - at)
    while at < last:
        out[at] = out[at - distance]
        at += 1
    return at


def unpack_lz77(const uint8_t[::1] packed, uint8_t[::1] out):
    """Unpack plain LZ77 ([MS-XCA] 2.4, XPRESS) into `out`; gives how many bytes came out before the end or damage."""
    cdef Py_ssize_t at = 0, end = packed.shape[0], done = 0, size = out.shape[0], half = -1, before
    cdef uint32_t flags = 0, pair
    cdef Py_ssize_t length
    cdef int left = 0
    with nogil:
        while done < size:
            if left == 0:
                if end - at < 4:
                    break
                flags = read_32(packed, at)
                at += 4
                left = 32
            left -= 1
            if not flags >> left & 1:
                if at == end:
                    break
                out[done] = packed[at]
                done += 1
                at += 1
                continue
            if end - at < 2:
                break
            pair = read_16(packed, at)
            at += 2
            length = pair & 7
            if length == 7:
                if half < 0:
                    if at == end:
                        break
                    length = packed[at] & 15
                    half = at
                    at += 1
                else:
                    length = packed[half] >> 4
                    half = -1
                if length == 15:
                    if at == end:
                        break
                    length = packed[at]
                    at += 1
                    if length == 255:
                        if end - at < 2:
                            break
                        length = read_16(packed, at)
                        at += 2
                        if length == 0:
                            if end - at < 4:
                                break
                            length = read_32(packed, at)
                            at += 4
                        if length < 22:
                            break
                        length -= 22
                    length += 15
                length += 7
            before = done
            done = copy_match(out, done, (pair >> 3) + 1, length + 3)
            if done < 0:
                done = before
                break
    return done


cdef Py_ssize_t unpack_chunk(
    const uint8_t[::1] packed, Py_ssize_t at, Py_ssize_t end, uint8_t[::1] out, Py_ssize_t done
) noexcept nogil:
    """One compressed LZNT1 chunk; gives the position in `out` behind it, -1 at damage."""
    cdef Py_ssize_t first = done, size = out.shape[0]
    cdef int flags, bit, length_bits
    cdef uint32_t pair
    while at < end and done < size:
        flags = packed[at]
        at += 1
        for bit in range(8):
            if at >= end or done >= size:
                break
            if not flags >> bit & 1:
                out[done] = packed[at]
                done += 1
                at += 1
                continue
            if end - at < 2:
                return -1
            pair = read_16(packed, at)
            at += 2
            # A pair has as few bits for the distance as the bytes of the chunk so far need, four at least.
            length_bits = 12
            while length_bits > 4 and (done - first - 1) >> (16 - length_bits):
                length_bits -= 1
            if (pair >> length_bits) + 1 > done - first:
                return -1
            done = copy_match(out, done, (pair >> length_bits) + 1, (pair & ((1 << length_bits) - 1)) + 3)
    return done


def unpack_lznt1(const uint8_t[::1] packed, uint8_t[::1] out):
    """Unpack LZNT1 ([MS-XCA] 2.5) into `out`; gives how many bytes came out before the end or damage."""
    cdef Py_ssize_t at = 0, end = packed.shape[0], done = 0, after, size
    cdef uint32_t header
    with nogil:
        while end - at >= 2 and done < out.shape[0]:
            header = read_16(packed, at)
            size = (header & 0xFFF) + 1
            at += 2
            if header == 0 or header >> 12 & 7 != 3 or size > end - at:
                break
            if header & 0x8000:
                after = unpack_chunk(packed, at, at + size, out, done)
                if after < 0:
                    break
                done = after
            else:
                after = min(size, out.shape[0] - done)
                memcpy(&out[done], &packed[at], after)
                done += after
            at += size
    return done


def gather(
    const uint8_t[::1] source, const int64_t[::1] starts, const uint32_t[::1] lengths, uint8_t[::1] target, const uint32_t[::1] ends
):
    """Copy pieces of `source` to where they end in `target`; a piece that leaves either is a mistake of the caller: IndexError."""
    cdef Py_ssize_t row, length
    for row in range(starts.shape[0]):
        length = lengths[row]
        if length == 0:
            continue
        if starts[row] < 0 or starts[row] + length > source.shape[0] or length > ends[row] or ends[row] > target.shape[0]:
            raise IndexError("a piece lies outside its buffer")
        memcpy(&target[ends[row] - length], &source[starts[row]], length)
