# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True
"""The fields of hellos, and the cutting of TLS streams into records and handshake messages, for captures with many sessions.

Takes bytes; gives tuples (RFC 8446 sections 4.1.2, 4.1.3, 5.1). Bytes that end early give what could be read. Knows no capture.
"""

from libc.stdint cimport uint8_t, uint32_t

from wireproof.wire._record cimport RECORD_HEADER, record_end

cdef enum:
    RANDOM_AT = 2
    SESSION_AT = 34
    SESSION_MOST = 32
    NAME_MOST = 255
    MESSAGE_HEADER = 4
    # Extensions (IANA TLS ExtensionType Values).
    SERVER_NAME = 0
    ALPN = 16
    SESSION_TICKET = 35
    PRE_SHARED_KEY = 41
    SUPPORTED_VERSIONS = 43


cdef inline bint is_grease(uint32_t value) noexcept:
    """Whether a number is one of those reserved to keep peers tolerant (RFC 8701)."""
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


cdef inline uint32_t read_16(bytes data, Py_ssize_t at):
    """The number at `at`; of what the end cuts off, as much as is there."""
    if at + 2 <= len(data):
        return <uint8_t> data[at] << 8 | <uint8_t> data[at + 1]
    return <uint8_t> data[at] if at < len(data) else 0


cdef tuple shorts(bytes data, Py_ssize_t at, Py_ssize_t end):
    """Whole numbers of 16 bits, GREASE left out."""
    cdef list found = []
    cdef uint32_t value
    while at + 2 <= end:
        value = <uint8_t> data[at] << 8 | <uint8_t> data[at + 1]
        if not is_grease(value):
            found.append(value)
        at += 2
    return tuple(found)


cdef bytes host_name(bytes data, Py_ssize_t at, Py_ssize_t end):
    """The host name of RFC 6066 section 3; empty in a server's answer."""
    cdef Py_ssize_t size
    if end - at < 5 or data[at + 2] != 0:
        return b""
    size = read_16(data, at + 3)
    return data[at + 5 : min(at + 5 + min(size, NAME_MOST), end)]


cdef list protocol_names(bytes data, Py_ssize_t at, Py_ssize_t end):
    """Protocol names of RFC 7301 section 3.1, GREASE left out."""
    cdef list names = []
    cdef Py_ssize_t size
    at += 2
    while at < end:
        size = <uint8_t> data[at]
        if size and at + 1 + size <= end and not (size == 2 and is_grease(read_16(data, at + 1))):
            names.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    return names


cdef class Extensions:
    """What the extensions of a hello say."""

    cdef list kinds, alpn
    cdef bytes name
    cdef tuple versions
    cdef bint ticket, pre_shared_key, whole

    def __cinit__(self):
        self.kinds, self.alpn = [], []
        self.name = b""
        self.versions = ()
        self.whole = True

    cdef take_all(self, bytes body, Py_ssize_t at):
        """Read the extensions at `at`; a hello may end before them."""
        cdef Py_ssize_t size = len(body), end, length
        cdef uint32_t kind
        if at > size:
            self.whole = False
        if at + 2 > size:
            return
        end = at + 2 + read_16(body, at)
        at += 2
        while at + 4 <= min(end, size):
            kind, length = read_16(body, at), read_16(body, at + 2)
            if not is_grease(kind):
                self.kinds.append(kind)
                self.take(kind, body, at + 4, min(at + 4 + length, size))
            at += 4 + length
        self.whole = self.whole and at <= size and end <= size

    cdef take(self, uint32_t kind, bytes body, Py_ssize_t at, Py_ssize_t end):
        if kind == SERVER_NAME:
            self.name = host_name(body, at, end)
        elif kind == ALPN:
            self.alpn = protocol_names(body, at, end)
        elif kind == SUPPORTED_VERSIONS:
            # A client sends a list with a length, a server the one version (RFC 8446 section 4.2.1).
            self.versions = shorts(body, at if end - at == 2 else at + 1, end)
        elif kind == SESSION_TICKET:
            self.ticket = end > at
        elif kind == PRE_SHARED_KEY:
            self.pre_shared_key = True


def client_hello(bytes body not None):
    """The fields of a ClientHello's body in the order of `Hello`, names as bytes; None for what is none."""
    cdef Py_ssize_t size = len(body), at, count
    cdef Extensions extensions = Extensions()
    if size < SESSION_AT + 1 or (body[0] != 0x03 and body[0] != 0x7F) or <uint8_t> body[SESSION_AT] > SESSION_MOST:
        return None
    at = SESSION_AT + 1 + <uint8_t> body[SESSION_AT]
    session_id = body[SESSION_AT + 1 : min(at, size)]
    count = read_16(body, at)
    suites = shorts(body, at + 2, min(at + 2 + count, size))
    at += 2 + count
    extensions.whole = count == 0 or at <= size
    at += 1 + (<uint8_t> body[at] if at < size else 0)
    extensions.take_all(body, at)
    return (
        read_16(body, 0), body[RANDOM_AT:SESSION_AT], session_id, suites, tuple(extensions.kinds), extensions.name,
        extensions.alpn, extensions.versions, extensions.ticket, extensions.pre_shared_key, extensions.whole,
    )


def server_hello(bytes body not None):
    """The fields of a ServerHello's body likewise. Drafts up to 21 of TLS 1.3 had neither session id nor compression method in it."""
    cdef Py_ssize_t size = len(body), at = SESSION_AT
    cdef Extensions extensions = Extensions()
    cdef bint draft
    session_id = b""
    if size < SESSION_AT + 1 or (body[0] != 0x03 and body[0] != 0x7F):
        return None
    draft = (body[0] == 0x03 and body[1] == 0x04) or (body[0] == 0x7F and <uint8_t> body[1] <= 0x15)
    if not draft:
        if <uint8_t> body[SESSION_AT] > SESSION_MOST:
            return None
        at = SESSION_AT + 1 + <uint8_t> body[SESSION_AT]
        session_id = body[SESSION_AT + 1 : min(at, size)]
    if size < at + 2:
        return None
    suite, version = read_16(body, at), read_16(body, 0)
    extensions.take_all(body, at + (2 if draft else 3))
    versions = extensions.versions or ((version,) if draft else ())
    return (
        version, body[RANDOM_AT:SESSION_AT], session_id, (suite,), tuple(extensions.kinds), extensions.name,
        extensions.alpn, versions, extensions.ticket, extensions.pre_shared_key, extensions.whole,
    )


def find_record_end(bytes data not None, Py_ssize_t at, Py_ssize_t most):
    """One past the whole record at `at`, its body no longer than `most`; -1 where there is none."""
    return record_end(data, at, most)


def cut_record(bytes data not None, Py_ssize_t at, Py_ssize_t most, Py_ssize_t base):
    """The same record as (content type, version, offset, body), `base` added to the offset; None where there is none."""
    cdef Py_ssize_t end = record_end(data, at, most)
    if end < 0:
        return None
    return <uint8_t> data[at], 0x0300 | <uint8_t> data[at + 2], base + at, data[at + RECORD_HEADER : end]


def split_messages(bytes data not None):
    """The whole handshake messages at the beginning, headers included, and the offset behind them (RFC 8446 section 4)."""
    cdef list found = []
    cdef Py_ssize_t at = 0, end = len(data), stop
    while end - at >= MESSAGE_HEADER:
        stop = at + MESSAGE_HEADER + (<uint8_t> data[at + 1] << 16 | read_16(data, at + 2))
        if stop > end:
            break
        found.append(data[at:stop])
        at = stop
    return found, at
