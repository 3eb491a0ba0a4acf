# The one way by which compiled code reads bytes of a frame: every access is checked against what the capture holds.
#
# A read past the captured bytes sets `problem` and yields 0, so that a cut frame decodes as far as it goes and no
# unpack function needs a branch of its own for it.

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    TRUNCATED = 1
    BAD_LENGTH = 2
    UNKNOWN_NEXT = 3
    UNKNOWN_LINK = 4
    TOO_DEEP = 5

cdef enum:
    L_ETHERNET = 1 << 0
    L_VLAN = 1 << 1
    L_WLAN = 1 << 2
    L_ARP = 1 << 3
    L_IPV4 = 1 << 4
    L_IPV6 = 1 << 5
    L_FRAGMENT = 1 << 6
    L_TCP = 1 << 7
    L_UDP = 1 << 8
    L_ICMP = 1 << 9
    L_ICMPV6 = 1 << 10
    L_QUOTED = 1 << 11
    L_MPLS = 1 << 12
    L_PPP = 1 << 13
    L_IP_IN_IP = 1 << 14
    L_TEREDO = 1 << 15
    L_GRE = 1 << 16
    L_VXLAN = 1 << 17
    L_OFFLOAD_LENGTH = 1 << 18
    L_BAD_IP_CHECKSUM = 1 << 19
    L_DERIVED = 1 << 20
    L_MULTICAST = 1 << 21
    L_ZERO_CHECKSUM = 1 << 22
    L_GENEVE = 1 << 23
    L_GTP = 1 << 24
    L_L2TP = 1 << 25

# What the next header is, in the loop of `unpack_frame`.
cdef enum Next:
    DONE
    ETHERNET
    ETHERTYPE
    LLC
    PPP
    IP_ANY
    IP4
    IP6
    ARP
    TRANSPORT

cdef struct Cursor:
    const uint8_t* bytes
    uint32_t have           # bytes of the frame that the capture holds
    uint32_t at             # where the next header starts
    uint32_t end            # where the enclosing packet ends by its own header, wire bytes (may exceed `have`)
    uint16_t ethertype
    uint8_t problem
    uint8_t depth           # tunnels opened so far

cdef struct Headers:
    # What decoding found in one frame; all 0 at first, but for the arrays at the end, which `has_key` and `sacks` guard.
    uint64_t opening        # the first bytes of the transport payload, in their order in memory; 0 where there are fewer
    uint32_t layers
    uint32_t seq
    uint32_t ack
    uint32_t length
    uint32_t timestamp
    uint16_t source_port
    uint16_t destination_port
    uint16_t network_at
    uint16_t transport_at
    uint16_t payload_at
    uint16_t ip_id
    uint16_t flags
    uint16_t code
    uint16_t window
    uint16_t mss
    uint8_t protocol
    uint8_t key_protocol    # protocol of the conversation: the quoted packet's for an ICMP error
    uint8_t ttl
    uint8_t tos
    uint8_t problem
    uint8_t sacks
    int8_t window_scale     # -1: the option is absent
    uint8_t syn_options     # bit 0 MSS, 1 window scale, 2 SACK permitted, 3 timestamps
    uint8_t usable          # TCP: the whole header is there, so the segment may be judged
    uint8_t has_key         # source, destination and ports name a conversation
    uint8_t source[16]      # IPv4 as ::ffff:a.b.c.d
    uint8_t destination[16]
    uint32_t sack_left[4]
    uint32_t sack_right[4]


cdef inline uint8_t u8(Cursor* c, uint32_t at) noexcept nogil:
    if at < c.have:
        return c.bytes[at]
    c.problem = TRUNCATED
    return 0


cdef inline uint16_t u16(Cursor* c, uint32_t at) noexcept nogil:
    if at + 1 < c.have:
        return (<uint16_t>c.bytes[at] << 8) | c.bytes[at + 1]
    c.problem = TRUNCATED
    return 0


cdef inline uint32_t u32(Cursor* c, uint32_t at) noexcept nogil:
    if at + 3 < c.have:
        return ((<uint32_t>c.bytes[at] << 24) | (<uint32_t>c.bytes[at + 1] << 16)
                | (<uint32_t>c.bytes[at + 2] << 8) | c.bytes[at + 3])
    c.problem = TRUNCATED
    return 0


cdef inline void clear_transport(Headers* h) noexcept nogil:
    """Forget the transport header of a tunnel: what follows is another packet."""
    h.transport_at = h.payload_at = h.source_port = h.destination_port = 0
    h.length = 0


cdef inline bint has(Cursor* c, uint32_t count) noexcept nogil:
    """Whether `count` bytes from the current header's start are there; says in `problem` why not.

    A header has to lie within the packet around it: behind its end comes padding.
    """
    if c.at + count > c.have:
        c.problem = TRUNCATED
        return False
    if c.at + count > c.end:
        c.problem = BAD_LENGTH
        return False
    return True
