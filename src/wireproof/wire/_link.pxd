# Link-layer headers down to the EtherType or IP version. Link types are those of the LINKTYPE registry (tcpdump.org).

from wireproof.wire._cursor cimport *


cdef inline Next unpack_link(Cursor* c, Headers* h, uint16_t link_type) noexcept nogil:
    """Open the outermost header of a frame."""
    if link_type == 1:
        return ETHERNET
    if link_type == 101 or link_type == 12 or link_type == 14 or link_type == 228 or link_type == 229:
        return IP_ANY
    if link_type == 113:
        c.at, c.ethertype = 16, u16(c, 14)
        return unpack_cooked(c)
    if link_type == 276:
        c.at, c.ethertype = 20, u16(c, 0)
        return unpack_cooked(c)
    if link_type == 0 or link_type == 108:
        c.at = 4
        return IP_ANY
    if link_type == 9 or link_type == 50:
        return PPP
    if link_type == 51:
        return unpack_pppoe(c)
    if link_type == 104:
        c.at, c.ethertype = 4, u16(c, 2)
        return ETHERTYPE
    if link_type == 10:
        c.at = 13
        return LLC
    if link_type == 105:
        return unpack_wlan(c, h, 0)
    if link_type == 127:
        return unpack_radiotap(c, h)
    c.problem = UNKNOWN_LINK
    return DONE


cdef inline Next unpack_cooked(Cursor* c) noexcept nogil:
    """Linux cooked capture: a protocol below 0x600 is one of the kernel's pseudo types, 4 being 802.2 LLC."""
    return LLC if c.ethertype == 4 else ETHERTYPE


cdef inline Next unpack_ethernet(Cursor* c, Headers* h) noexcept nogil:
    if not has(c, 14):
        return DONE
    h.layers |= L_ETHERNET
    if u8(c, c.at) & 1:
        h.layers |= L_MULTICAST
    c.ethertype = u16(c, c.at + 12)
    c.at += 14
    if c.ethertype >= 0x600:
        return ETHERTYPE
    # IEEE 802.3: the field is a length, and what follows is 802.2 LLC.
    if c.at + c.ethertype < c.end:
        c.end = c.at + c.ethertype
    return LLC


cdef inline Next unpack_llc(Cursor* c) noexcept nogil:
    """802.2 LLC with SNAP, RFC 1042; IP straight over LLC (SAP 06) as well."""
    if not has(c, 8):
        return DONE
    if u8(c, c.at) == 0xAA and u8(c, c.at + 1) == 0xAA:
        c.ethertype = u16(c, c.at + 6)
        c.at += 8
        return ETHERTYPE
    if u8(c, c.at) == 0x06 and u8(c, c.at + 2) == 0x03:
        c.at += 3
        return IP_ANY
    c.problem = UNKNOWN_NEXT
    return DONE


cdef inline Next unpack_ethertype(Cursor* c, Headers* h) noexcept nogil:
    cdef uint16_t kind = c.ethertype
    if kind == 0x0800:
        return IP4
    if kind == 0x86DD:
        return IP6
    if kind == 0x0806:
        return ARP
    if kind == 0x8100 or kind == 0x88A8 or kind == 0x9100 or kind == 0x9200:
        if not has(c, 4):
            return DONE
        h.layers |= L_VLAN
        c.ethertype = u16(c, c.at + 2)
        c.at += 4
        return ETHERTYPE if c.ethertype >= 0x600 else LLC
    if kind == 0x8847 or kind == 0x8848:
        return unpack_mpls(c, h)
    if kind == 0x8864:
        return unpack_pppoe(c)
    if kind == 0x6558:
        return ETHERNET
    if kind == 0x880B:
        return PPP
    c.problem = UNKNOWN_NEXT
    return DONE


cdef inline Next unpack_mpls(Cursor* c, Headers* h) noexcept nogil:
    """RFC 3032 label stack; the payload is told by its first nibble, as every router does."""
    cdef uint32_t label
    h.layers |= L_MPLS
    while has(c, 4):
        label = u32(c, c.at)
        c.at += 4
        if label & 0x100:
            if u8(c, c.at) >> 4 == 0 and u32(c, c.at) < 0x10000:
                c.at += 4       # pseudowire control word, RFC 4385
                return ETHERNET
            return IP_ANY
    return DONE


cdef inline Next unpack_pppoe(Cursor* c) noexcept nogil:
    """RFC 2516 session data: version/type, code 0, session, length, then PPP."""
    if not has(c, 6) or u8(c, c.at + 1) != 0:
        return DONE
    c.at += 6
    return PPP


cdef inline Next unpack_ppp(Cursor* c, Headers* h) noexcept nogil:
    """RFC 1661 and 1662: address and control may be left out, and so may the protocol's first byte."""
    cdef uint16_t protocol
    h.layers |= L_PPP
    if u8(c, c.at) == 0xFF and u8(c, c.at + 1) == 0x03:
        c.at += 2
    if u8(c, c.at) & 1:
        protocol = u8(c, c.at)
        c.at += 1
    else:
        protocol = u16(c, c.at)
        c.at += 2
    if protocol == 0x0021:
        return IP4
    if protocol == 0x0057:
        return IP6
    if protocol == 0x0281 or protocol == 0x0283:
        return unpack_mpls(c, h)
    if not c.problem:
        c.problem = UNKNOWN_NEXT
    return DONE


cdef inline Next unpack_radiotap(Cursor* c, Headers* h) noexcept nogil:
    """Radiotap: the length is little-endian; the flags field, where present first, tells of a trailing FCS."""
    cdef uint32_t length, present, words = 0, flags_at
    if not has(c, 8):
        return DONE
    length = u8(c, 2) | (<uint32_t>u8(c, 3) << 8)
    present = u8(c, 4) | (<uint32_t>u8(c, 7) << 24)
    if length < 8:
        c.problem = BAD_LENGTH
        return DONE
    while u8(c, 7 + 4 * words) & 0x80 and 8 + 4 * words < length:
        words += 1
    flags_at = 8 + 4 * words
    if present & 1:
        flags_at = ((flags_at + 7) & ~7) + 8
    c.at = length
    if present & 2 and flags_at < length and u8(c, flags_at) & 0x10:
        return unpack_wlan(c, h, 4)
    return unpack_wlan(c, h, 0)


cdef inline Next unpack_wlan(Cursor* c, Headers* h, uint32_t trailer) noexcept nogil:
    """IEEE 802.11 data frames that are not protected. `trailer` is the length of the frame check sequence."""
    cdef uint8_t kind = u8(c, c.at), flags = u8(c, c.at + 1)
    cdef uint32_t length = 24
    h.layers |= L_WLAN
    if (kind >> 2) & 3 != 2 or kind & 0x40 or flags & 0x40:
        return DONE             # management, control, no data, or encrypted
    if flags & 3 == 3:
        length += 6             # four addresses
    if kind & 0x80:
        length += 2             # QoS control
        if flags & 0x80:
            length += 4         # HT control
        if u8(c, c.at + length - (6 if flags & 0x80 else 2)) & 0x80:
            return DONE         # aggregate of several frames
    if u8(c, c.at + 4) & 1:
        h.layers |= L_MULTICAST
    c.at += length
    if c.end >= trailer:
        c.end -= trailer
    return LLC
