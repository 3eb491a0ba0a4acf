# Transport headers, ICMP with the packet it quotes, and the tunnels that are opened in the same pass.

from wireproof.wire._cursor cimport *
from wireproof.wire._network cimport put_ipv4
from libc.string cimport memcpy


cdef inline Next unpack_transport(Cursor* c, Headers* h) noexcept nogil:
    if not has(c, 0):
        h.has_key = False       # cut within the extension headers
        return DONE
    h.transport_at = <uint16_t>c.at
    h.length = c.end - c.at if c.end > c.at else 0
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
    if h.protocol == 51:
        return unpack_ah(c, h)
    if h.protocol == 132 and has(c, 4):
        h.source_port, h.destination_port = u16(c, c.at), u16(c, c.at + 2)
    return DONE


cdef inline Next unpack_ah(Cursor* c, Headers* h) noexcept nogil:
    """RFC 4302: next header, length in words of 4 bytes less 2."""
    if not has(c, 12):
        return DONE
    h.protocol = u8(c, c.at)
    c.at += (u8(c, c.at + 1) + 2) * 4
    if c.at > c.end:
        c.problem = BAD_LENGTH
        return DONE
    return TRANSPORT


cdef inline Next unpack_tcp(Cursor* c, Headers* h) noexcept nogil:
    """RFC 9293 section 3.1. `usable` as soon as the fixed header was captured; options count as far as they were."""
    cdef uint32_t header
    if not has(c, 20):
        if c.at + 4 <= c.have and c.at + 4 <= c.end:
            h.source_port, h.destination_port = u16(c, c.at), u16(c, c.at + 2)
        else:
            h.has_key = False
        h.length = 0
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
    h.usable = True
    if has(c, header):
        unpack_tcp_options(c, h, c.at + 20, c.at + header)
    elif c.have > c.at + 20:
        unpack_tcp_options(c, h, c.at + 20, c.have)
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
        h.length = 0
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
    if h.length < 12:
        return DONE
    if h.source_port == 3544 or h.destination_port == 3544:
        return unpack_teredo(c, h)
    if h.destination_port == 4789 or h.destination_port == 8472:
        return unpack_vxlan(c, h)
    if h.destination_port == 6081:
        return unpack_geneve(c, h)
    if h.destination_port == 2152:
        return unpack_gtp(c, h)
    if h.destination_port == 1701:
        return unpack_l2tp(c, h)
    return DONE


cdef inline Next unpack_vxlan(Cursor* c, Headers* h) noexcept nogil:
    """RFC 7348: flags, network identifier, then an Ethernet frame."""
    if h.length < 22 or u8(c, c.at) != 0x08:
        return DONE
    h.layers |= L_VXLAN
    c.at += 8
    return ETHERNET


cdef inline Next unpack_geneve(Cursor* c, Headers* h) noexcept nogil:
    """RFC 8926 section 3: version 0, length of the options in words of 4 bytes, EtherType of what follows."""
    cdef uint32_t length = 8 + (u8(c, c.at) & 0x3F) * 4
    if u8(c, c.at) >> 6 or h.length <= length:
        return DONE
    h.layers |= L_GENEVE
    c.ethertype = u16(c, c.at + 2)
    c.at += length
    return ETHERTYPE


cdef inline Next unpack_gtp(Cursor* c, Headers* h) noexcept nogil:
    """3GPP TS 29.281 section 5: version 1, user data (type 255); four more bytes and extensions where a flag says so."""
    cdef uint8_t flags = u8(c, c.at), following
    cdef uint32_t at = c.at + 8, length
    if flags >> 4 != 3 or u8(c, c.at + 1) != 255:
        return DONE
    if flags & 7:
        following = u8(c, at + 3)
        at += 4
        while flags & 4 and following and u8(c, at):
            length = u8(c, at) * 4
            following = u8(c, at + length - 1)
            at += length
    if at + 20 > c.end:
        return DONE
    h.layers |= L_GTP
    c.at = at
    return IP_ANY


cdef inline Next unpack_l2tp(Cursor* c, Headers* h) noexcept nogil:
    """RFC 2661 section 3.1: a data message (T bit 0) of version 2 holds a PPP frame."""
    cdef uint16_t flags = u16(c, c.at)
    cdef uint32_t at = c.at + 6
    if flags & 0x800F != 2:
        return DONE
    if flags & 0x4000:
        at += 2
    if flags & 0x0800:
        at += 4
    if flags & 0x0200:
        at += 2 + u16(c, at)
    if at + 2 > c.end:
        return DONE
    h.layers |= L_L2TP
    c.at = at
    return PPP


cdef inline Next unpack_teredo(Cursor* c, Headers* h) noexcept nogil:
    """RFC 4380 section 5.1.1: authentication and origin indications may stand before the IPv6 header."""
    cdef uint32_t at = c.at
    if at + 40 > c.end:
        return DONE
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
    if flags & 0xC000:
        length += 4             # checksum, and offset of a route (RFC 1701)
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
        h.length = 0
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
        if u16(c, at + 6) & 0x1FFF:
            return              # a later fragment: it has no ports
    elif version == 6 and at + 40 <= c.have:
        protocol = u8(c, at + 6)
        transport = at + 40
        while (protocol == 0 or protocol == 43 or protocol == 60) and transport + 8 <= c.have:
            protocol = c.bytes[transport]
            transport += (c.bytes[transport + 1] + 1) * 8
        if protocol == 44 and transport + 8 <= c.have and not u16(c, transport + 2) & 0xFFF8:
            protocol = c.bytes[transport]
            transport += 8
    else:
        return
    if transport + 8 > c.have or not unpack_quoted_ports(c, h, protocol, transport):
        return
    if version == 4:
        put_ipv4(h.source, c.bytes + at + 12)
        put_ipv4(h.destination, c.bytes + at + 16)
    else:
        memcpy(h.source, c.bytes + at + 8, 16)
        memcpy(h.destination, c.bytes + at + 24, 16)
    h.layers |= L_QUOTED
    h.key_protocol = protocol


cdef inline bint unpack_quoted_ports(Cursor* c, Headers* h, uint8_t protocol, uint32_t at) noexcept nogil:
    """What names the quoted packet's conversation beside its addresses; False where that can't be told."""
    cdef uint8_t kind = u8(c, at)
    if protocol == 6 or protocol == 17 or protocol == 132:
        h.source_port = u16(c, at)
        h.destination_port = u16(c, at + 2)
        if protocol == 6:
            h.seq = u32(c, at + 4)
    elif protocol == 1 and (kind == 8 or kind == 0) or protocol == 58 and (kind == 128 or kind == 129):
        h.seq = u32(c, at + 4)
        h.source_port = h.destination_port = <uint16_t>(h.seq >> 16)
    elif protocol == 1 or protocol == 58:
        return False
    return True
