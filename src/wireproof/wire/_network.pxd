# ARP, IPv4 and IPv6 headers, extension headers and fragments (RFC 826, 791, 8200).

from libc.string cimport memcpy, memset

from wireproof.wire._cursor cimport *


cdef inline void put_ipv4(uint8_t* target, const uint8_t* source) noexcept nogil:
    """Write an IPv4 address as ::ffff:a.b.c.d."""
    memset(target, 0, 10)
    target[10] = 0xFF
    target[11] = 0xFF
    memcpy(target + 12, source, 4)


cdef inline Next unpack_arp(Cursor* c, Headers* h) noexcept nogil:
    if not has(c, 8):
        return DONE
    h.layers |= L_ARP
    h.network_at = <uint16_t>c.at
    h.code = u16(c, c.at + 6)
    return DONE


cdef inline Next unpack_any_ip(Cursor* c) noexcept nogil:
    cdef uint8_t version = u8(c, c.at) >> 4
    if version == 4:
        return IP4
    if version == 6:
        return IP6
    if not c.problem:
        c.problem = UNKNOWN_NEXT
    return DONE


cdef inline bint ipv4_checksum_fits(Cursor* c, uint32_t header) noexcept nogil:
    cdef uint32_t total = 0, i
    for i in range(0, header, 2):
        total += (<uint32_t>c.bytes[c.at + i] << 8) | c.bytes[c.at + i + 1]
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


cdef inline Next unpack_ipv4(Cursor* c, Headers* h) noexcept nogil:
    """Leaves `end` at the packet's own end. A total length of 0 is a segment that the adapter was still to cut."""
    cdef uint32_t header, total
    cdef uint16_t fragment
    if not has(c, 20):
        return DONE
    header = (u8(c, c.at) & 0x0F) * 4
    total = u16(c, c.at + 2)
    if u8(c, c.at) >> 4 != 4:
        c.problem = BAD_LENGTH
        return DONE
    clear_transport(h)
    h.layers |= L_IPV4
    h.network_at = <uint16_t>c.at
    h.tos = u8(c, c.at + 1)
    h.ip_id = u16(c, c.at + 4)
    h.ttl = u8(c, c.at + 8)
    h.protocol = u8(c, c.at + 9)
    put_ipv4(h.source, c.bytes + c.at + 12)
    put_ipv4(h.destination, c.bytes + c.at + 16)
    h.has_key = header >= 20 and (total == 0 or total >= header)
    if not h.has_key:
        c.problem = BAD_LENGTH
        return DONE
    if not has(c, header):
        return DONE
    if not ipv4_checksum_fits(c, header):
        h.layers |= L_BAD_IP_CHECKSUM
    if total == 0:
        h.layers |= L_OFFLOAD_LENGTH
    elif c.at + total < c.end:
        c.end = c.at + total
    fragment = u16(c, c.at + 6)
    c.at += header
    if fragment & 0x3FFF:
        h.layers |= L_FRAGMENT
        return DONE
    return TRANSPORT


cdef inline Next unpack_ipv6(Cursor* c, Headers* h) noexcept nogil:
    cdef uint32_t length
    if not has(c, 40):
        return DONE
    if u8(c, c.at) >> 4 != 6:
        c.problem = BAD_LENGTH
        return DONE
    clear_transport(h)
    h.layers |= L_IPV6
    h.network_at = <uint16_t>c.at
    h.tos = <uint8_t>((u16(c, c.at) >> 4) & 0xFF)
    h.ip_id = 0
    h.protocol = u8(c, c.at + 6)
    h.ttl = u8(c, c.at + 7)
    memcpy(h.source, c.bytes + c.at + 8, 16)
    memcpy(h.destination, c.bytes + c.at + 24, 16)
    h.has_key = True
    length = u16(c, c.at + 4)
    c.at += 40
    if length == 0 and c.end > c.at and h.protocol != 59:
        h.layers |= L_OFFLOAD_LENGTH
        length = jumbo_length(c, h)
        if length == 0:
            return unpack_extensions(c, h)
    if <uint64_t>c.at + length < c.end:
        c.end = c.at + length
    return unpack_extensions(c, h)


cdef inline uint32_t jumbo_length(Cursor* c, Headers* h) noexcept nogil:
    """The length of a jumbogram (RFC 2675), which segmentation offload beyond 64 KiB writes too; 0 when none is stated."""
    if h.protocol == 0 and c.at + 8 <= c.have and c.bytes[c.at + 2] == 0xC2 and c.bytes[c.at + 3] == 4:
        return u32(c, c.at + 4)
    return 0


cdef inline Next unpack_extensions(Cursor* c, Headers* h) noexcept nogil:
    """Walk IPv6 extension headers (RFC 8200 section 4) to the transport header."""
    cdef uint8_t kind
    cdef uint16_t fragment
    while True:
        kind = h.protocol
        if kind == 44:
            if not has(c, 8):
                return DONE
            fragment = u16(c, c.at + 2)
            h.protocol = u8(c, c.at)
            h.transport_at = <uint16_t>c.at
            c.at += 8
            if fragment & 0xFFF9:
                h.layers |= L_FRAGMENT
                return DONE
        elif kind == 0 or kind == 43 or kind == 60 or kind == 135 or kind == 139 or kind == 140:
            if not has(c, 2):
                return DONE
            h.protocol = u8(c, c.at)
            c.at += (u8(c, c.at + 1) + 1) * 8
        elif kind == 51:
            if not has(c, 2):
                return DONE
            h.protocol = u8(c, c.at)
            c.at += (u8(c, c.at + 1) + 2) * 4
        else:
            return TRANSPORT
        if c.at > c.end:
            c.problem = BAD_LENGTH
            return DONE
