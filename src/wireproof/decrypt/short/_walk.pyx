# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""Goes through the bytes of short sessions: what one side says in clear up to its first protected record, and what all records behind it hold.

Takes bytes and openers; gives messages, and the columns of what was opened (RFC 5246 section 6.2, RFC 8446 sections 4 and 5). Anything that is
not usual is refused, and nothing of it kept. Derives no key.
"""

from cpython cimport array
from libc.stdint cimport int64_t, uint8_t, uint64_t

from wireproof.wire._record cimport APPLICATION_DATA_TYPE, CHANGE_CIPHER_SPEC_TYPE, RECORD_HEADER, record_end

import array

from wireproof.decrypt.tally import OPENED_MOST
from wireproof.wire.tls import RECORD_MOST

cdef enum:
    MESSAGE_HEADER = 4
    HANDSHAKE_TYPE = 22
    SERVER_HELLO = 2
    FINISHED = 20
    KEY_UPDATE = 24
    MESSAGE_KIND_MOST = 63

cdef Py_ssize_t LONGEST = RECORD_MOST
# `Tally` keeps no more of them either.
cdef Py_ssize_t OTHERS_MOST = OPENED_MOST
cdef array.array LONGS = array.array("q")


cdef inline Py_ssize_t behind(const uint8_t* data, Py_ssize_t at) noexcept:
    """Where the record at `at` ends, which is known to be whole."""
    return at + RECORD_HEADER + (<Py_ssize_t> data[at + 3] << 8 | data[at + 4])


cdef inline Py_ssize_t message_end(const uint8_t* data, Py_ssize_t at, Py_ssize_t end) noexcept:
    """Where the handshake message at `at` ends; -1 where it goes on behind `end`."""
    cdef Py_ssize_t stop
    if end - at < MESSAGE_HEADER:
        return -1
    stop = at + MESSAGE_HEADER + (<Py_ssize_t> data[at + 1] << 16 | <Py_ssize_t> data[at + 2] << 8 | data[at + 3])
    return stop if stop <= end else -1


cdef inline uint64_t bit(uint8_t kind) noexcept:
    """The bit of a handshake message's type; none of a type that no message has."""
    return <uint64_t> 1 << kind if kind <= MESSAGE_KIND_MOST else 0


cdef class Side:
    """What one side sent: whole records from `begin` to `end` of `data`, of which those from `protected` on are encrypted.

    `said` is the content of the handshake messages before, `kinds` a bit for each of their types, `hello` the body of the first.
    """

    cdef readonly bytes data, said, hello
    cdef readonly Py_ssize_t begin, end, protected
    cdef readonly uint64_t kinds

    def follows(self, int kind, int skipped) -> bool:
        """Whether the next record is of one content type, behind some of another at most; `protected` is there then."""
        cdef const uint8_t* data = self.data
        while self.protected < self.end and data[self.protected] == skipped:
            self.protected = behind(data, self.protected)
        return self.protected < self.end and data[self.protected] == kind

    def skip(self) -> None:
        """Let the encrypted records begin one record later."""
        cdef const uint8_t* data = self.data
        if self.protected < self.end:
            self.protected = behind(data, self.protected)

    def messages(self) -> list:
        """The handshake messages in clear, headers included."""
        cdef const uint8_t* data = self.said
        cdef Py_ssize_t at = 0, stop
        cdef list found = []
        while at < len(self.said):
            stop = message_end(data, at, len(self.said))
            found.append(self.said[at:stop])
            at = stop
        return found


def read_side(bytes data not None, Py_ssize_t begin, Py_ssize_t end):
    """The side whose bytes stand from `begin` up to `end`; None where they are anything but whole messages in clear, and protected records."""
    cdef Side side = Side()
    if begin < 0 or end > len(data) or not are_records(data, begin, end):
        return None
    side.data, side.begin, side.end = data, begin, end
    side.protected = take_said(side)
    return side if side.protected < end and take_kinds(side) else None


cdef bint are_records(bytes data, Py_ssize_t at, Py_ssize_t end) except -1:
    """Whether these bytes are whole records and nothing else."""
    while 0 <= at < end:
        at = record_end(data, at, LONGEST)
    return at == end


cdef Py_ssize_t take_said(Side side):
    """Put together what the first records say; where the first of another type begins."""
    cdef const uint8_t* data = side.data
    cdef Py_ssize_t at = side.begin, stop
    cdef list parts = []
    while at < side.end and data[at] == HANDSHAKE_TYPE:
        stop = behind(data, at)
        parts.append(side.data[at + RECORD_HEADER : stop])
        at = stop
    side.said = parts[0] if len(parts) == 1 else b"".join(parts)
    return at


cdef bint take_kinds(Side side):
    """Note the messages; whether they are whole, and one hello the first of them."""
    cdef const uint8_t* data = side.said
    cdef Py_ssize_t at = 0, end = len(side.said), stop
    cdef uint64_t kinds = 0
    while at < end:
        stop = message_end(data, at, end)
        if stop < 0 or (at > 0 and 0 < data[at] <= SERVER_HELLO):
            return False
        if at == 0:
            side.hello = side.said[MESSAGE_HEADER:stop]
        kinds |= bit(data[at])
        at = stop
    side.kinds = kinds
    return end > 0


cdef inline int append(array.array column, int64_t value) except -1:
    cdef Py_ssize_t place = len(column)
    array.resize_smart(column, place + 1)
    column.data.as_longlongs[place] = value
    return 0


cdef class Opened:
    """What the protected records of many streams hold, stream after stream; a stream is added whole or not at all.

    Of each record with application data: where it ends in its clear stream, and where it begins and ends in the raw one. `bounds` tells how
    many of them stand up to the end of each stream, `contents` their bytes, `others` of each stream what else was opened, as (begin, end,
    content type, content).
    """

    cdef readonly array.array ends, raw_starts, raw_ends, bounds
    cdef readonly list contents, others
    cdef list aside
    cdef int64_t octets, count

    def __cinit__(self):
        self.ends, self.raw_starts = array.clone(LONGS, 0, False), array.clone(LONGS, 0, False)
        self.raw_ends, self.bounds = array.clone(LONGS, 0, False), array.clone(LONGS, 0, False)
        self.contents, self.others = [], []

    def forget_from(self, Py_ssize_t streams) -> None:
        """Take streams back, from the one with this number on, and what was begun of another."""
        cdef Py_ssize_t records
        streams = max(min(streams, len(self.bounds)), 0)
        records = self.bounds.data.as_longlongs[streams - 1] if streams else 0
        array.resize(self.ends, records)
        array.resize(self.raw_starts, records)
        array.resize(self.raw_ends, records)
        array.resize(self.bounds, streams)
        del self.contents[records:]
        del self.others[streams:]

    def open_all(self, Side side not None, opener):
        """Open what one side sent under the keys of a master secret (SSL 3.0 to TLS 1.2).

        Gives how many records held application data, and how many bytes of it; None where another handshake is among them. Raises BadRecord.
        """
        cdef const uint8_t* data = side.data
        cdef Py_ssize_t at = side.protected, stop
        cdef uint64_t sequence = 0
        cdef int kind
        cdef bytes clear
        self.begin_stream()
        while at < side.end:
            stop = behind(data, at)
            kind, clear = opener.open(sequence, data[at], 0x0300 | data[at + 2], side.data[at + RECORD_HEADER : stop])
            if kind == CHANGE_CIPHER_SPEC_TYPE or (kind == HANDSHAKE_TYPE and not is_finished(clear)):
                return None
            self.take(at - side.begin, stop - side.begin, kind, clear)
            sequence += 1
            at = stop
        return self.end_stream() if sequence else None

    def open_in_turn(self, Side side not None, first, second):
        """Open what one side sent under keys of TLS 1.3: those of its handshake up to its Finished, and others behind it.

        Gives what `open_all` gives; None where keys change once more, or records are not encrypted. Raises BadRecord.
        """
        cdef const uint8_t* data = side.data
        cdef Py_ssize_t at = side.protected, stop
        cdef uint64_t sequence = 0, kinds
        cdef int kind
        cdef bint changed = False
        cdef bytes clear, begun = b""
        opener = first
        self.begin_stream()
        while at < side.end:
            stop = behind(data, at)
            if data[at] != APPLICATION_DATA_TYPE:
                if data[at] != CHANGE_CIPHER_SPEC_TYPE:
                    return None
                at = stop
                continue
            kind, clear = opener.open(sequence, APPLICATION_DATA_TYPE, 0x0300 | data[at + 2], side.data[at + RECORD_HEADER : stop])
            if kind == CHANGE_CIPHER_SPEC_TYPE:
                return None
            self.take(at - side.begin, stop - side.begin, kind, clear)
            sequence += 1
            at = stop
            if kind != HANDSHAKE_TYPE:
                continue
            begun, kinds = rest_and_kinds(begun + clear)
            if kinds & bit(KEY_UPDATE):
                return None
            if kinds & bit(FINISHED) and not changed:
                changed, sequence, opener = True, 0, second
        return self.end_stream()

    cdef begin_stream(self):
        self.aside, self.octets, self.count = [], 0, 0

    cdef take(self, Py_ssize_t start, Py_ssize_t stop, int kind, bytes clear):
        """Keep what one record holds."""
        if kind != APPLICATION_DATA_TYPE:
            self.aside.append((start, stop, kind, clear))
            return
        self.count += 1
        if not clear:
            return
        self.octets += len(clear)
        append(self.ends, self.octets)
        append(self.raw_starts, start)
        append(self.raw_ends, stop)
        self.contents.append(clear)

    cdef end_stream(self):
        if len(self.aside) >= OTHERS_MOST:
            return None
        append(self.bounds, len(self.ends))
        self.others.append(self.aside)
        return self.count, self.octets


cdef inline bint is_finished(bytes content) noexcept:
    """Whether this is one Finished and nothing else."""
    cdef const uint8_t* data = content
    return len(content) > 0 and data[0] == FINISHED and message_end(data, 0, len(content)) == len(content)


cdef tuple rest_and_kinds(bytes content):
    """What stands behind the last whole message, and a bit for the type of each message."""
    cdef const uint8_t* data = content
    cdef Py_ssize_t at = 0, stop
    cdef uint64_t kinds = 0
    while True:
        stop = message_end(data, at, len(content))
        if stop < 0:
            return content[at:], kinds
        kinds |= bit(data[at])
        at = stop
