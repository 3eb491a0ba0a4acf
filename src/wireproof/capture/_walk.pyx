# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""The per-record loops of the capture readers.

Takes a window of file bytes, gives one row a frame; stops at whatever is not the common case and says where.
Knows record and block layouts only: no file, no notes, no protocol.
"""

from libc.stdint cimport INT64_MAX, int64_t, uint16_t, uint32_t, uint64_t

SHORT = 0
FULL = 1
SUSPECT = 2
DAMAGED = 3
BLOCK = 4
OPTIONS = 5
SEARCH_AHEAD = 3 * 262144

cdef enum:
    STOP_SHORT = 0
    STOP_FULL = 1
    STOP_SUSPECT = 2
    STOP_DAMAGED = 3
    STOP_BLOCK = 4
    STOP_OPTIONS = 5
    NO = 0
    YES = 1
    UNKNOWN = 2
    # A search only believes records and blocks that fit in one window, so that its answer does not depend on where windows end.
    SEARCH_RECORD = 262144
    SEARCH_BLOCK = 524288
    SEARCH_ORIGINAL = 67108864
    SEARCH_SECONDS = 31622400
    LONGEST = 134217728
    RUN = 3

# The year 2116. Times stay within it on both sides of 1970, so that no difference of two leaves 64 bits.
cdef int64_t LATEST = (<int64_t> 1 << 62) - 1


cdef class Rows:
    """Arrays of one batch; `count` rows are filled. The caller owns the NumPy arrays behind them.

    `clamped` counts the frames whose time was beyond LATEST and is given as LATEST, over all batches.
    """

    cdef uint32_t[::1] position
    cdef uint32_t[::1] captured
    cdef uint32_t[::1] original
    cdef int64_t[::1] time_ns
    cdef uint16_t[::1] interface
    cdef public Py_ssize_t count
    cdef public Py_ssize_t clamped
    cdef readonly Py_ssize_t capacity

    def __init__(self, position, captured, original, time_ns, interface):
        self.position = position
        self.captured = captured
        self.original = original
        self.time_ns = time_ns
        self.interface = interface
        self.count = 0
        self.clamped = 0
        self.capacity = min(len(position), len(captured), len(original), len(time_ns), len(interface))

    def add(self, Py_ssize_t position, uint32_t captured, uint32_t original, int64_t time_ns, uint16_t interface):
        """Append one frame that Python unpacked; IndexError when the rows are full."""
        self.put(position, captured, original, time_ns, interface)

    cdef inline int put(
        self, Py_ssize_t position, uint32_t captured, uint32_t original, int64_t time_ns, uint16_t interface
    ) except -1 nogil:
        cdef Py_ssize_t row = self.count
        self.position[row] = <uint32_t> position
        self.captured[row] = captured
        self.original[row] = original
        if time_ns > LATEST or time_ns < -LATEST:
            time_ns = LATEST if time_ns > 0 else -LATEST
            self.clamped += 1
        self.time_ns[row] = time_ns
        self.interface[row] = interface
        self.count = row + 1
        return 0


cdef class PcapLayout:
    """How the records of one pcap file are laid out.

    `fraction_ns` is the length of one sub-second tick; `limit` the longest captured length that is believed; `snap_length`
    0 for none stated; `swapped` 0 never, 1 always, 2 where the lengths look swapped; `strict` stops at odd records.
    """

    cdef public bint big
    cdef public Py_ssize_t header
    cdef public uint32_t fraction_ns
    cdef public uint32_t limit
    cdef public uint32_t snap_length
    cdef public int swapped
    cdef public bint strict

    def __init__(self, bint big, Py_ssize_t header, uint32_t fraction_ns, uint32_t limit, uint32_t snap_length, int swapped):
        self.big = big
        self.header = header
        self.fraction_ns = fraction_ns
        self.limit = limit
        self.snap_length = snap_length
        self.swapped = swapped
        self.strict = True


cdef struct Record:
    uint32_t seconds
    uint32_t fraction
    uint32_t captured
    uint32_t original


cdef inline uint16_t u16(const unsigned char[::1] data, Py_ssize_t at, bint big) except? 0xABCD nogil:
    if big:
        return <uint16_t> ((data[at] << 8) | data[at + 1])
    return <uint16_t> (data[at] | (data[at + 1] << 8))


cdef inline uint32_t u32(const unsigned char[::1] data, Py_ssize_t at, bint big) except? 0xABCDABCD nogil:
    if big:
        return (
            (<uint32_t> data[at] << 24) | (<uint32_t> data[at + 1] << 16)
            | (<uint32_t> data[at + 2] << 8) | <uint32_t> data[at + 3]
        )
    return (
        <uint32_t> data[at] | (<uint32_t> data[at + 1] << 8)
        | (<uint32_t> data[at + 2] << 16) | (<uint32_t> data[at + 3] << 24)
    )


cdef inline int read_record(
    const unsigned char[::1] data, Py_ssize_t at, PcapLayout layout, Record* record
) except -1 nogil:
    cdef uint32_t kept
    record.seconds = u32(data, at, layout.big)
    record.fraction = u32(data, at + 4, layout.big)
    record.captured = u32(data, at + 8, layout.big)
    record.original = u32(data, at + 12, layout.big)
    if layout.swapped and (layout.swapped == 1 or record.captured > record.original):
        kept = record.captured
        record.captured = record.original
        record.original = kept
    return 0


cdef inline bint are_near(int64_t seconds, int64_t near) noexcept nogil:
    return -SEARCH_SECONDS <= seconds - near <= SEARCH_SECONDS


cdef inline bint is_odd(Record* record, PcapLayout layout) noexcept nogil:
    """A header that a sound capture may hold but a damaged one more likely does."""
    return (
        record.captured > record.original
        or (layout.snap_length and record.captured > layout.snap_length)
        or <uint64_t> record.fraction * layout.fraction_ns >= 1000000000
    )


def walk_pcap(const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, Rows rows, PcapLayout layout):
    """Append every record that lies whole in data[at:end]. Gives (position, stop code, bytes wanted from the position)."""
    cdef Record record
    cdef Py_ssize_t want = 0
    cdef int stop = STOP_FULL
    with nogil:
        while rows.count < rows.capacity:
            want = layout.header
            if end - at < want:
                stop = STOP_SHORT
                break
            read_record(data, at, layout, &record)
            if record.captured > layout.limit:
                stop = STOP_DAMAGED
                break
            want += record.captured
            if (record.seconds | record.fraction | record.captured | record.original) == 0 or (
                layout.strict and is_odd(&record, layout)
            ):
                stop = STOP_SUSPECT
                break
            if end - at < want:
                stop = STOP_SHORT
                break
            put_record(rows, at, &record, layout)
            at += want
    return at, stop, want


cdef inline int put_record(Rows rows, Py_ssize_t at, Record* record, PcapLayout layout) except -1 nogil:
    cdef int64_t time_ns = <int64_t> record.seconds * 1000000000 + <int64_t> record.fraction * layout.fraction_ns
    return rows.put(at + layout.header, record.captured, record.original, time_ns, 0)


def take_pcap(const unsigned char[::1] data, Py_ssize_t at, Rows rows, PcapLayout layout):
    """Append the one record at `at`, however odd its header. The caller has checked that it lies whole in `data`."""
    cdef Record record
    read_record(data, at, layout, &record)
    if record.captured > len(data) - at - layout.header:
        raise IndexError("the record does not lie in the window")
    put_record(rows, at, &record, layout)


def confirms_pcap(const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, PcapLayout layout):
    """Whether two headers with lengths that can be stand one record apart from `at`, or the file ends there or in between.

    Asks less than `is_sound`: a writer whose records look odd does it in all of them. `end` is the end of the file, or lies
    far enough ahead.
    """
    cdef Record record
    cdef int found
    for found in range(2):
        if end - at < layout.header:
            return at == end
        read_record(data, at, layout, &record)
        if (record.seconds | record.fraction | record.captured | record.original) == 0:
            return False
        if record.captured > layout.limit or record.original > SEARCH_ORIGINAL or record.fraction >= 1000000000:
            return False
        at += layout.header + record.captured
        if at > end:
            return found > 0
    return True


cdef inline bint is_sound(Record* record, PcapLayout layout, int64_t near) noexcept nogil:
    if record.captured == 0 or record.captured > record.original or record.captured > SEARCH_RECORD:
        return False
    if record.original > SEARCH_ORIGINAL or <uint64_t> record.fraction * layout.fraction_ns >= 1000000000:
        return False
    return near < 0 or are_near(record.seconds, near)


cdef int is_run(
    const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, bint at_end, PcapLayout layout
) except -1 nogil:
    """Whether RUN sound records follow one another from `at`, or at least one that ends exactly where the file does."""
    cdef Record record
    cdef int64_t near = -1
    cdef int found = 0
    while found < RUN:
        if at == end and at_end:
            return YES if found else NO
        if end - at < layout.header:
            return (YES if found > 1 else NO) if at_end else UNKNOWN
        read_record(data, at, layout, &record)
        if not is_sound(&record, layout, near):
            return NO
        near = record.seconds
        at += layout.header + record.captured
        if at > end:
            return (YES if found > 1 else NO) if at_end else UNKNOWN
        found += 1
    return YES


def find_pcap(const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, bint at_end, PcapLayout layout):
    """Search data[at:end] for a run of sound records.

    Gives (found, position); when nothing is found, the position is the first one that more bytes could still turn into a run.
    """
    cdef int answer = NO
    with nogil:
        while at < end:
            answer = is_run(data, at, end, at_end, layout)
            if answer != NO:
                break
            at += 1
    return answer == YES, at


def walk_pcapng(
    const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, Rows rows, bint big, uint16_t first,
    const int64_t[:, ::1] clocks,
):
    """Append the frames of consecutive sound enhanced packet blocks in data[at:end].

    `clocks` has one row an interface of this section, see `pcapng_blocks.clock_row`; `first` is the number of the section's first
    interface over the whole file. Gives (position, stop code, bytes wanted). BLOCK: the block at the position is for Python.
    OPTIONS: the block before the position is taken, and carries options for Python; `want` is that block's length.
    """
    cdef Py_ssize_t want = 12
    cdef Py_ssize_t padded
    cdef uint32_t interface, captured, stated
    cdef uint64_t ticks
    cdef int stop = STOP_FULL
    with nogil:
        while rows.count < rows.capacity:
            want = 12
            if end - at < want:
                stop = STOP_SHORT
                break
            stop = STOP_BLOCK
            if u32(data, at, big) != 6:
                break
            stated = u32(data, at + 4, big)
            # Early writers left the padding out of the stated length, yet padded.
            want = (<Py_ssize_t> stated + 3) & ~<Py_ssize_t> 3
            if want < 32 or want > LONGEST:
                break
            if end - at < want:
                stop = STOP_SHORT
                break
            interface = u32(data, at + 8, big)
            captured = u32(data, at + 20, big)
            padded = (<Py_ssize_t> captured + 3) & ~<Py_ssize_t> 3
            if u32(data, at + want - 4, big) != stated or interface >= clocks.shape[0] or padded > want - 32:
                break
            ticks = (<uint64_t> u32(data, at + 12, big) << 32) | u32(data, at + 16, big)
            rows.put(
                at + 28, captured, u32(data, at + 24, big), to_ns(ticks, clocks, interface), <uint16_t> (first + interface)
            )
            at += want
            if want - 32 > padded and has_wanted_option(data, at - want + 28 + padded, at - 4, big):
                stop = STOP_OPTIONS
                break
            stop = STOP_FULL
    return at, stop, want


cdef bint has_wanted_option(const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, bint big) except -1 nogil:
    """Whether the options at data[at:end] hold a comment (1) or a drop count (4)."""
    cdef uint16_t code
    while end - at >= 4:
        code = u16(data, at, big)
        if code == 0:
            return False
        if code == 1 or code == 4:
            return True
        at += 4 + ((u16(data, at + 2, big) + 3) & ~3)
    return False


cdef inline int64_t to_ns(uint64_t ticks, const int64_t[:, ::1] clocks, Py_ssize_t interface) except? -1234567 nogil:
    """Ticks since the interface's epoch to nanoseconds since 1970, cut down to a whole one; INT64_MAX for what does not fit."""
    cdef uint64_t multiply = <uint64_t> clocks[interface, 0]
    cdef uint64_t divide = <uint64_t> clocks[interface, 1]
    cdef int64_t shift = clocks[interface, 2]
    cdef int64_t add = clocks[interface, 3]
    cdef uint64_t ns = 0
    if multiply:
        ns = ticks * multiply if ticks <= <uint64_t> INT64_MAX // multiply else INT64_MAX
    elif divide:
        ns = ticks // divide
    elif shift:
        ns = binary_ns(ticks, shift)
    if ns > <uint64_t> INT64_MAX or (add > 0 and <int64_t> ns > INT64_MAX - add):
        return INT64_MAX
    return <int64_t> ns + add


cdef inline uint64_t binary_ns(uint64_t ticks, int64_t shift) noexcept nogil:
    """Ticks of 2**-shift seconds to nanoseconds; below 2**-34 s the lowest bits are dropped to stay in 64 bits."""
    cdef uint64_t seconds = 0
    cdef uint64_t part = ticks
    if shift < 64:
        seconds = ticks >> shift
        part = ticks - (seconds << shift)
    if shift > 34:
        part = part >> (shift - 34) if shift - 34 < 64 else 0
        shift = 34
    if seconds > 9000000000ULL:
        return INT64_MAX
    return seconds * 1000000000 + ((part * 1000000000) >> shift)


def clock_ns(uint64_t ticks, const int64_t[:, ::1] clocks, Py_ssize_t interface):
    """What `walk_pcapng` makes of a time stamp, for blocks that Python unpacks."""
    return to_ns(ticks, clocks, interface)


cdef bint is_known(uint32_t kind) noexcept nogil:
    """Types that a search believes: those of the pcapng draft, the systemd journal and the custom blocks."""
    return 1 <= kind <= 6 or kind == 9 or kind == 10 or kind == 0xBAD or kind == 0x40000BAD


cdef int is_block(const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, bint at_end, bint big) except -1 nogil:
    """Whether a block of known type starts at `at` whose leading and trailing lengths agree."""
    cdef uint32_t kind, stated
    cdef Py_ssize_t length
    if end - at < 12:
        return NO if at_end else UNKNOWN
    kind = u32(data, at, big)
    if kind == 0x0A0D0D0A:
        if u32(data, at + 8, True) == 0x1A2B3C4D:
            big = True
        elif u32(data, at + 8, False) == 0x1A2B3C4D:
            big = False
        else:
            return NO
    elif not is_known(kind):
        return NO
    stated = u32(data, at + 4, big)
    if stated < 12 or stated > SEARCH_BLOCK:
        return NO
    length = (<Py_ssize_t> stated + 3) & ~<Py_ssize_t> 3
    if end - at < length:
        return NO if at_end else UNKNOWN
    return YES if u32(data, at + length - 4, big) == stated else NO


def is_pcapng_block(const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, bint at_end, bint big):
    """Whether a block that can be believed starts at `at` and lies whole in data[:end], or the file ends there."""
    return (at == end and at_end) or is_block(data, at, end, at_end, big) == YES


def find_pcapng(const unsigned char[::1] data, Py_ssize_t at, Py_ssize_t end, bint at_end, bint big):
    """Search data[at:end] for a block that can be believed. Gives (found, position) as `find_pcap` does."""
    cdef int answer = NO
    with nogil:
        while at < end:
            answer = is_block(data, at, end, at_end, big)
            if answer != NO:
                break
            at += 1
    return answer == YES, at
