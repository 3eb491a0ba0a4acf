# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""Headers of many TCP segments or UDP datagrams with right checksums, and texts that name frames by their numbers.

Takes one header a stream in which the fields that its packets share are filled, and a record a packet; fills buffers. Layouts: RFC 768,
RFC 791, RFC 8200, RFC 9293. Knows no capture.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from wireproof.export._event cimport Event

cdef enum:
    IPV4_HEADER = 20
    IPV6_HEADER = 40
    TCP_HEADER = 20
    UDP_HEADER = 8
    TCP = 6
    UDP = 17
    SYN = 2
    NOT_CONGESTION = 0xFC
    DIGITS = 20
    RUNS = 16


cdef inline void put16(uint8_t* at, uint32_t number) noexcept:
    at[0] = number >> 8 & 0xFF
    at[1] = number & 0xFF


cdef inline void put32(uint8_t* at, uint32_t number) noexcept:
    put16(at, number >> 16)
    put16(at + 2, number & 0xFFFF)


cdef inline uint64_t words(const uint8_t* data, Py_ssize_t size) noexcept:
    """A number congruent to the sum of 16-bit words in this machine's order (RFC 1071 section 2), an odd last byte filled up with a zero."""
    cdef uint64_t total = 0
    cdef uint32_t word
    cdef Py_ssize_t at = 0
    while at + 4 <= size:
        memcpy(&word, data + at, 4)
        total += word
        at += 4
    if at < size:
        word = 0
        memcpy(&word, data + at, size - at)
        total += word
    return total


cdef inline void put_checksum(uint8_t* at, uint64_t total) noexcept:
    cdef uint16_t folded
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    folded = <uint16_t> (~total & 0xFFFF)
    memcpy(at, &folded, 2)


cdef class HeadPacker:
    """Makes what stands before the bytes of segments, or of datagrams where `protocol` is UDP's number.

    A stream's template is its link, IP and TCP or UDP header; those of all streams stand in `templates` one behind the other, `ends` tells where each
    ends; so do `options` of the SYN. `ident` is the IPv4 identification of a stream's first segment.
    """

    cdef const uint8_t[::1] templates, options
    cdef const int64_t[::1] ends, option_ends
    cdef const uint8_t[::1] version
    cdef const uint16_t[::1] ident
    cdef int64_t transport
    cdef bint is_udp

    def __init__(self, templates, options, version, ident, int protocol):
        self.is_udp = protocol == UDP
        self.transport = UDP_HEADER if self.is_udp else TCP_HEADER
        self.templates, self.ends = templates
        self.options, self.option_ends = options
        self.version, self.ident = version, ident

    def pack(self, const Event[::1] events, hops, payload, uint8_t[::1] heads, int64_t[::1] ends):
        """Fill `heads`, and `ends` with where the head of each segment ends.

        `hops` are (TTL, type of service) of each segment, of which congestion marks are not kept; `payload` is (buffer, where each segment's
        bytes begin in it, how many they are). Raises ValueError where anything lies outside its buffer.
        """
        cdef const uint8_t[::1] ttl = hops[0], tos = hops[1], data = payload[0]
        cdef const int64_t[::1] starts = payload[1], sizes = payload[2]
        cdef Py_ssize_t place
        cdef int64_t at = 0
        cdef uint64_t total
        for place in range(events.shape[0]):
            total = 0
            check(starts[place], sizes[place], data.shape[0])
            if sizes[place]:
                total = words(&data[starts[place]], sizes[place])
            at = self.pack_one(events[place], ttl[place], tos[place] & NOT_CONGESTION, sizes[place], total, heads, at)
            ends[place] = at

    cdef int64_t pack_one(
        self, Event event, uint8_t ttl, uint8_t tos, int64_t carried, uint64_t total, uint8_t[::1] heads, int64_t at
    ) except -1:
        """Lay one head at `at`; give where it ends. `total` is the sum of the bytes it carries."""
        cdef Py_ssize_t stream = event.stream
        cdef int64_t size = span(self.ends, stream), optional = 0, behind
        cdef bint is_v6 = self.version[stream] == 6
        cdef int64_t network = size - self.transport - (IPV6_HEADER if is_v6 else IPV4_HEADER)
        if event.flags & SYN and not self.is_udp:
            optional = span(self.option_ends, stream)
        check(0, network, size)
        check(at, size + optional, heads.shape[0])
        check(self.ends[stream] - size, size, self.templates.shape[0])
        if size:
            memcpy(&heads[at], &self.templates[self.ends[stream] - size], size)
        if optional:
            check(self.option_ends[stream] - optional, optional, self.options.shape[0])
            memcpy(&heads[at] + size, &self.options[self.option_ends[stream] - optional], optional)
        behind = self.transport + optional + carried
        if is_v6:
            finish_ipv6(&heads[at] + network, behind, ttl, tos)
            total += words(&heads[at] + network + 8, 32)
        else:
            finish_ipv4(&heads[at] + network, behind, ttl, tos, <uint16_t> (self.ident[stream] + event.ident))
            total += words(&heads[at] + network + 12, 8)
        if self.is_udp:
            finish_udp(&heads[at] + size - UDP_HEADER, behind, total)
        else:
            finish_tcp(&heads[at] + size - TCP_HEADER, &event, optional, behind, total)
        return at + size + optional


cdef inline int64_t span(const int64_t[::1] ends, Py_ssize_t place) except -1:
    return ends[place] - (ends[place - 1] if place else 0)


cdef inline int check(int64_t at, int64_t size, int64_t room) except -1:
    if at < 0 or size < 0 or at > room - size:
        raise ValueError("something lies outside its buffer")
    return 0


cdef inline void finish_ipv4(uint8_t* header, int64_t behind, uint8_t ttl, uint8_t tos, uint16_t ident) noexcept:
    header[1] = tos
    put16(header + 2, <uint32_t> (IPV4_HEADER + behind))
    put16(header + 4, ident)
    header[8] = ttl
    put16(header + 10, 0)
    put_checksum(header + 10, words(header, IPV4_HEADER))


cdef inline void finish_ipv6(uint8_t* header, int64_t behind, uint8_t ttl, uint8_t tos) noexcept:
    header[0] = 0x60 | tos >> 4
    header[1] = (header[1] & 0x0F) | (tos & 0x0F) << 4
    put16(header + 4, <uint32_t> behind)
    header[7] = ttl


cdef inline void finish_tcp(uint8_t* header, Event* event, int64_t optional, int64_t behind, uint64_t total) noexcept:
    cdef uint8_t[4] pseudo
    put32(header + 4, event.seq)
    put32(header + 8, event.ack)
    header[12] = <uint8_t> ((TCP_HEADER + optional) // 4 << 4)
    header[13] = event.flags
    put16(header + 16, 0)
    put16(pseudo, TCP)
    put16(pseudo + 2, <uint32_t> behind)
    put_checksum(header + 16, total + words(pseudo, 4) + words(header, TCP_HEADER + optional))


cdef inline void finish_udp(uint8_t* header, int64_t behind, uint64_t total) noexcept:
    cdef uint8_t[4] pseudo
    put16(header + 4, <uint32_t> behind)
    put16(header + 6, 0)
    put16(pseudo, UDP)
    put16(pseudo + 2, <uint32_t> behind)
    put_checksum(header + 6, total + words(pseudo, 4) + words(header, UDP_HEADER))
    # Zero would mean that there is no checksum; ones are the same number (RFC 768).
    if header[6] == 0 and header[7] == 0:
        put16(header + 6, 0xFFFF)


cdef inline Py_ssize_t put_number(uint8_t* at, int64_t number) noexcept:
    """A number that is not negative in decimal digits; gives how many, DIGITS at most."""
    cdef uint8_t[DIGITS] digits
    cdef Py_ssize_t count = 0, place
    while True:
        digits[count] = 48 + number % 10
        count += 1
        number //= 10
        if number == 0:
            break
    for place in range(count):
        at[place] = digits[count - 1 - place]
    return count


def name_frames(const int64_t[::1] numbers, const int64_t[::1] bounds, const uint8_t[::1] inside, bytes name, out, int64_t[::1] ends):
    """Fill `out` with "frame 5 of NAME", "frames 5-7, 9 of NAME" or, where `inside` is set, "inside frame 5 of NAME".

    The frames of each text are those of `numbers` up to its bound, in ascending order, not negative; of more than RUNS runs the others are
    counted: "frames 1, 3, 5 and 40 more of NAME". `ends` becomes where each text ends. Raises ValueError where a text does not fit.
    """
    cdef uint8_t[::1] room = out
    cdef bytes behind = b" of " + name
    cdef const char* after = behind
    cdef Py_ssize_t size = len(behind), text, at = 0, place = 0, stop
    for text in range(bounds.shape[0]):
        stop = bounds[text]
        if place >= stop or stop > numbers.shape[0]:
            raise ValueError("a text names no frame")
        check(at, size + longest_list(stop - place), room.shape[0])
        at += put_list(&room[at], &numbers[place], stop - place, inside[text])
        memcpy(&room[at], after, size)
        at += size
        ends[text] = at
        place = stop


cdef inline Py_ssize_t longest_list(Py_ssize_t count) noexcept:
    """Bytes that `put_list` takes at most: a run has two numbers, and one that is counted may stand behind them."""
    return 24 + (min(count, 2 * RUNS) + 1) * (DIGITS + 2)


cdef inline Py_ssize_t put_list(uint8_t* at, const int64_t* numbers, Py_ssize_t count, bint inside) except -1:
    """Frames by their numbers, runs of them by the first and the last one; gives how many bytes that takes."""
    cdef Py_ssize_t place = 0, used, runs = 0
    cdef int64_t first, last
    if numbers[0] < 0:
        raise ValueError("a frame's number is negative")
    if inside:
        memcpy(at, <const char*> b"inside ", 7)
    used = 7 * inside
    memcpy(at + used, <const char*> b"frames ", 7)
    if numbers[0] == numbers[count - 1]:
        at[used + 5] = 32
        used -= 1
    used += 7
    while place < count:
        first = last = numbers[place]
        place += 1
        while place < count:
            if numbers[place] < last:
                raise ValueError("the numbers of frames are not in order")
            if numbers[place] - last > 1:
                break
            last = numbers[place]
            place += 1
        if runs:
            memcpy(at + used, <const char*> b", ", 2)
            used += 2
        used += put_number(at + used, first)
        if last > first:
            at[used] = 45
            used += 1 + put_number(at + used + 1, last)
        runs += 1
        if runs == RUNS and place < count:
            memcpy(at + used, <const char*> b" and ", 5)
            used += 5 + put_number(at + used + 5, count - place)
            memcpy(at + used, <const char*> b" more", 5)
            return used + 5
    return used
