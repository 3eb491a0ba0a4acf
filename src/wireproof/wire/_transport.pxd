# Transport headers, ICMP with the packet it quotes, and the tunnels that are opened in the same pass.

from wireproof.wire._cursor cimport *
from wireproof.wire._network cimport put_ipv4
from libc.string cimport memcpy


cdef inline Next unpack_transport(Cursor* c, Headers* h) noexcept nogil:
    h.transport_at = <uint16_t>c.at
    h.length = c.end - c.at if c.end > c.at else 0
    h.source_port = h.destination_port = 0
    if h.protocol == 6:
        return unpack_tcp(c, h)
    if h.protocol == 17:
        return unpack_udp(c, h)
    if h.protocol == 1 or h.protocol == 58:
        return unpack_icmp(c, h)
    if h.protocol == 41 or h.protocol == 4:
        h.layers |= L_IP_IN_IP
        return IP6 if h.protocol == 41 else IP4
    if h.protocol == 47:
        return unpack_gre(c, h)
    return DONE


cdef inline Next unpack_tcp(Cursor* c, Headers* h) noexcept nogil:
    """RFC 9293 section 3.1. `usable` only when every byte of the header was captured."""
    cdef uint32_t header
    if not has(c, 20):
        if c.at + 4 <= c.have:
            h.source_port, h.destination_port = u16(c, c.at), u16(c, c.at + 2)
        else:
            h.has_key = False
        return DONE
    h.layers |= L_TCP
    h.source_port = u16(c, c.at)
    h.destination_port = u16(c, c.at + 2)
    h.seq = u32(c, c.at + 4)
    h.ack = u32(c, c.at + 8)
    h.flags = u16(c, c.at + 12) & 0x1FF
    h.window = u16(c, c.at + 14)
    if u16(c, c.at + 16) == 0:
        h.layers |= L_ZERO_CHECKSUM
    header = (u8(c, c.at + 12) >> 4) * 4
    if header < 20 or c.at + header > c.end:
        c.problem = BAD_LENGTH
        h.length = 0
        return DONE
    h.length = c.end - c.at - header
    h.payload_at = <uint16_t>(c.at + header)
    if not has(c, header):
        return DONE
    h.usable = True
    unpack_tcp_options(c, h, c.at + 20, c.at + header)
    return DONE


cdef inline void unpack_tcp_options(Cursor* c, Headers* h, uint32_t at, uint32_t end) noexcept nogil:
    """RFC 9293 3.2 (MSS), RFC 7323 (window scale, timestamps), RFC 2018 (SACK). Stops at the first impossible length."""
    cdef uint8_t kind, length, block
    while at < end:
        kind = u8(c, at)
        if kind == 0:
            return
        if kind == 1:
            at += 1
            continue
        length = u8(c, at + 1) if at + 1 < end else 0
        if length < 2 or at + length > end:
            return
        if kind == 2 and length == 4:
            h.mss = u16(c, at + 2)
            h.syn_options |= 1
        elif kind == 3 and length == 3:
            h.window_scale = <int8_t>(u8(c, at + 2) if u8(c, at + 2) < 14 else 14)
            h.syn_options |= 2
        elif kind == 4 and length == 2:
            h.syn_options |= 4
        elif kind == 8 and length == 10:
            h.timestamp = u32(c, at + 2)
            h.syn_options |= 8
        elif kind == 5:
            for block in range((length - 2) // 8):
                if block < 4:
                    h.sack_left[block] = u32(c, at + 2 + block * 8)
                    h.sack_right[block] = u32(c, at + 6 + block * 8)
                    h.sacks = block + 1
        at += length


cdef inline Next unpack_udp(Cursor* c, Headers* h) noexcept nogil:
    cdef uint32_t length
    if not has(c, 8):
        h.has_key = False
        return DONE
    h.layers |= L_UDP
    h.source_port = u16(c, c.at)
    h.destination_port = u16(c, c.at + 2)
    length = u16(c, c.at + 4)
    if u16(c, c.at + 6) == 0:
        h.layers |= L_ZERO_CHECKSUM
    if length >= 8 and c.at + length < c.end:
        c.end = c.at + length
    c.at += 8
    h.payload_at = <uint16_t>c.at
    h.length = c.end - c.at if c.end > c.at else 0
    if h.source_port == 3544 or h.destination_port == 3544:
        return unpack_teredo(c, h)
    if (h.destination_port == 4789 or h.destination_port == 8472) and h.length >= 22 and u8(c, c.at) == 0x08:
        h.layers |= L_VXLAN
        c.at += 8
        return ETHERNET
    return DONE


cdef inline Next unpack_teredo(Cursor* c, Headers* h) noexcept nogil:
    """RFC 4380 section 5.1.1: authentication and origin indications may stand before the IPv6 header."""
    cdef uint32_t at = c.at
    if u16(c, at) == 0x0001:
        at += 13 + u8(c, at + 2) + u8(c, at + 3)
    if u16(c, at) == 0x0000:
        at += 8
    if u8(c, at) >> 4 != 6 or at + 40 > c.end:
        return DONE
    h.layers |= L_TEREDO
    c.at = at
    return IP6


cdef inline Next unpack_gre(Cursor* c, Headers* h) noexcept nogil:
    """RFC 2784, 2890, and version 1 with PPP (RFC 2637)."""
    cdef uint16_t flags
    cdef uint32_t length = 4
    if not has(c, 4):
        return DONE
    flags = u16(c, c.at)
    c.ethertype = u16(c, c.at + 2)
    if flags & 0x8000:
        length += 4
    if flags & 0x2000:
        length += 4
    if flags & 0x1000:
        length += 4
    if flags & 7 == 1 and flags & 0x0080:
        length += 4
    if c.ethertype == 0x88BE:
        c.ethertype = 0x6558
        length += 8 if flags & 0x1000 else 0    # ERSPAN type II header
    if c.at + length >= c.end:
        return DONE
    h.layers |= L_GRE
    c.at += length
    return ETHERTYPE


cdef inline Next unpack_icmp(Cursor* c, Headers* h) noexcept nogil:
    """RFC 792 and 4443. An error is keyed by the packet that it quotes, seen from that packet's sender."""
    cdef uint8_t kind
    if not has(c, 4):
        h.has_key = False
        return DONE
    h.layers |= L_ICMP if h.protocol == 1 else L_ICMPV6
    kind = u8(c, c.at)
    h.code = u16(c, c.at)
    h.payload_at = <uint16_t>(c.at + 8)
    h.length = c.end - c.at - 8 if c.end > c.at + 8 else 0
    if h.protocol == 1 and (kind == 3 or kind == 4 or kind == 5 or kind == 11 or kind == 12):
        unpack_quoted(c, h, c.at + 8)
    elif h.protocol == 58 and 1 <= kind <= 4:
        unpack_quoted(c, h, c.at + 8)
    elif h.protocol == 1 and (kind == 8 or kind == 0) or h.protocol == 58 and (kind == 128 or kind == 129):
        h.seq = u32(c, c.at + 4)
        h.source_port = h.destination_port = <uint16_t>(h.seq >> 16)
    return DONE


cdef inline void unpack_quoted(Cursor* c, Headers* h, uint32_t at) noexcept nogil:
    """Take addresses, protocol and ports of the quoted packet; an ICMP error quotes at least its first 8 bytes."""
    cdef uint8_t version, protocol
    cdef uint32_t transport
    if at + 20 > c.have:
        return
    version = u8(c, at) >> 4
    if version == 4:
        protocol = u8(c, at + 9)
        transport = at + (u8(c, at) & 0x0F) * 4
    elif version == 6 and at + 40 <= c.have:
        protocol = u8(c, at + 6)
        transport = at + 40
    else:
        return
    if (protocol != 6 and protocol != 17) or transport + 8 > c.have:
        return
    if version == 4:
        put_ipv4(h.source, c.bytes + at + 12)
        put_ipv4(h.destination, c.bytes + at + 16)
    else:
        memcpy(h.source, c.bytes + at + 8, 16)
        memcpy(h.destination, c.bytes + at + 24, 16)
    h.layers |= L_QUOTED
    h.source_port = u16(c, transport)
    h.destination_port = u16(c, transport + 2)
    if protocol == 6:
        h.seq = u32(c, transport + 4)
    h.key_protocol = protocol
