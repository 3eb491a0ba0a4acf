# cython: language_level=3, boundscheck=True, wraparound=False, initializedcheck=False, cdivision=True
"""Frames of a batch into columns of the packet table: every header of a frame in one walk.

Takes the bytes and positions that a capture format found; fills the columns marked `decode` in the schema. Knows no file
and no conversation.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

from wireproof.wire._cursor cimport *
from wireproof.wire._link cimport (
    unpack_ethernet, unpack_ethertype, unpack_link, unpack_llc, unpack_ppp,
)
from wireproof.wire._network cimport unpack_any_ip, unpack_arp, unpack_ipv4, unpack_ipv6
from wireproof.wire._transport cimport unpack_transport

cdef enum:
    # Headers followed in one frame; real stacks have at most a dozen, and a hostile one could nest without end.
    DEEPEST = 24
    # Offsets are columns of 16 bits; what starts beyond is not opened.
    FARTHEST = 0xFF00


cdef class HeaderBatch:
    """Scratch headers of the batch decoded last; reused from batch to batch."""

    def __cinit__(self):
        self.headers = NULL
        self.capacity = 0
        self.count = 0
        self.first_row = 0

    def __dealloc__(self):
        free(self.headers)

    cdef void reserve(self, Py_ssize_t count) except *:
        cdef void* grown
        if count <= self.capacity:
            return
        grown = realloc(self.headers, count * sizeof(Headers))
        if grown == NULL:
            raise MemoryError
        self.headers = <Headers*>grown
        self.capacity = count


cdef inline void unpack_frame(Cursor* c, Headers* h, uint16_t link_type) noexcept nogil:
    """Follow the headers of one frame from the outermost to the innermost that wireproof reads."""
    cdef Next following = unpack_link(c, h, link_type)
    cdef int opened = 0
    while following != DONE and not c.problem:
        opened += 1
        if opened > DEEPEST or c.at > FARTHEST:
            c.problem = TOO_DEEP
            return
        if following == ETHERTYPE:
            following = unpack_ethertype(c, h)
        elif following == IP4:
            following = unpack_ipv4(c, h)
        elif following == TRANSPORT:
            following = unpack_transport(c, h)
        elif following == ETHERNET:
            following = unpack_ethernet(c, h)
        elif following == IP6:
            following = unpack_ipv6(c, h)
        elif following == ARP:
            following = unpack_arp(c, h)
        elif following == IP_ANY:
            following = unpack_any_ip(c)
        elif following == LLC:
            following = unpack_llc(c)
        elif following == PPP:
            following = unpack_ppp(c, h)


cdef inline void clear(Headers* h) noexcept nogil:
    memset(h, 0, <char*>h.source - <char*>h)
    h.window_scale = -1


cdef inline void take_opening(Cursor* c, Headers* h) noexcept nogil:
    """Keep the payload's first bytes: what a conversation begins with tells its protocol, whatever its port."""
    cdef uint32_t there = c.have - h.payload_at if c.have > h.payload_at else 0
    if there > h.length:
        there = h.length
    memcpy(&h.opening, &c.bytes[h.payload_at], 8 if there > 8 else there)


def decode_batch(
    HeaderBatch batch,
    const uint8_t[::1] data,
    Py_ssize_t count,
    const uint32_t[::1] position,
    const uint32_t[::1] captured,
    const uint32_t[::1] original,
    const uint16_t[::1] interface,
    const uint16_t[::1] link_types,
    Py_ssize_t first_row,
    columns,
):
    """Decode `count` frames of `data` into rows `first_row` and on of `columns`.

    `columns` is an object with one writable contiguous array per decoded column. Raises IndexError when positions and
    arrays do not fit together, which only a defect of the caller can cause.
    """
    cdef uint32_t[::1] layers = columns.layers
    cdef uint8_t[::1] problem = columns.problem
    cdef uint16_t[::1] network_at = columns.network_at
    cdef uint16_t[::1] transport_at = columns.transport_at
    cdef uint16_t[::1] payload_at = columns.payload_at
    cdef uint8_t[::1] protocol = columns.protocol
    cdef uint8_t[::1] ttl = columns.ttl
    cdef uint8_t[::1] tos = columns.tos
    cdef uint16_t[::1] ip_id = columns.ip_id
    cdef uint32_t[::1] length = columns.length
    cdef uint16_t[::1] flags = columns.flags
    cdef uint16_t[::1] code = columns.code
    cdef uint32_t[::1] seq = columns.seq
    cdef uint32_t[::1] ack = columns.ack
    cdef uint16_t[::1] window = columns.window
    cdef Py_ssize_t i, row
    cdef Cursor c
    cdef Headers* h
    batch.reserve(count)
    batch.count = count
    batch.first_row = first_row
    with nogil:
        for i in range(count):
            h = &batch.headers[i]
            clear(h)
            if captured[i]:
                if data.shape[0] < <Py_ssize_t>position[i] + captured[i]:
                    raise IndexError("a frame lies outside its buffer")
                c.bytes = &data[position[i]]
            else:
                c.bytes = NULL
            c.have = captured[i]
            c.at = 0
            c.end = original[i] if original[i] > captured[i] else captured[i]
            c.problem = 0
            c.ethertype = 0
            unpack_frame(&c, h, link_types[interface[i]])
            if not h.key_protocol:
                h.key_protocol = h.protocol
            if h.length:
                take_opening(&c, h)
            row = first_row + i
            layers[row] = h.layers
            problem[row] = c.problem
            network_at[row] = h.network_at
            transport_at[row] = h.transport_at
            payload_at[row] = h.payload_at
            protocol[row] = h.protocol
            ttl[row] = h.ttl
            tos[row] = h.tos
            ip_id[row] = h.ip_id
            length[row] = h.length
            flags[row] = h.flags
            code[row] = h.code
            seq[row] = h.seq
            ack[row] = h.ack
            window[row] = h.window
