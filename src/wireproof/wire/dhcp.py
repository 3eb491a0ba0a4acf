"""DHCP (RFC 2131, 2132) and DHCPv6 (RFC 8415) messages: bytes to fields.

Takes a UDP payload; gives one flat record, or None when it is no such message. Options that are cut or wrong end the list; nothing
is raised.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

COOKIE = b"\x63\x82\x53\x63"
FIXED = 236
OPTIONS = 128
"""Options of one message that are looked at."""
RELAYS = 8
"""Relays that one DHCPv6 message may have passed (RFC 8415 section 7.6, HOP_COUNT_LIMIT)."""

KINDS = {
    1: "DISCOVER", 2: "OFFER", 3: "REQUEST", 4: "DECLINE", 5: "ACK", 6: "NAK", 7: "RELEASE", 8: "INFORM", 9: "FORCERENEW",
    10: "LEASEQUERY", 11: "LEASEUNASSIGNED", 12: "LEASEUNKNOWN", 13: "LEASEACTIVE",
}  # fmt: skip
"""Option 53 (RFC 2132 section 9.6, RFC 3203, RFC 4388)."""
KINDS6 = {
    1: "SOLICIT", 2: "ADVERTISE", 3: "REQUEST", 4: "CONFIRM", 5: "RENEW", 6: "REBIND", 7: "REPLY", 8: "RELEASE", 9: "DECLINE",
    10: "RECONFIGURE", 11: "INFORMATION-REQUEST", 12: "RELAY-FORW", 13: "RELAY-REPL", 14: "LEASEQUERY", 15: "LEASEQUERY-REPLY",
}  # fmt: skip
"""RFC 8415 section 7.3."""
_RELAY_KINDS = {12, 13}


@dataclass(slots=True)
class DhcpFields:
    """One message; addresses are text, empty where it has none. Of DHCPv6 `client` is the DUID as hex."""

    version: int
    kind: str
    transaction: int
    client: str = ""
    current: str = ""
    address: str = ""
    requested: str = ""
    server: str = ""
    relay: str = ""
    mask: str = ""
    routers: tuple[str, ...] = ()
    dns_servers: tuple[str, ...] = ()
    domain: str = ""
    search: tuple[str, ...] = ()
    host_name: str = ""
    vendor_class: str = ""
    lease_s: int = 0
    text: str = ""
    status: int = 0
    options: list[int] = field(default_factory=list)


def unpack_dhcp(data: bytes) -> DhcpFields | None:
    """A BOOTP or DHCP message (RFC 2131 section 2)."""
    if len(data) < FIXED or data[0] not in (1, 2) or data[2] > 16:
        return None
    fields = DhcpFields(4, "BOOTP", int.from_bytes(data[4:8], "big"), client=data[28 : 28 + data[2]].hex(":"))
    fields.current, fields.address, fields.relay = _address(data[12:16]), _address(data[16:20]), _address(data[24:28])
    if data[FIXED : FIXED + 4] != COOKIE:
        return fields
    overload = 0
    for code, value in _options(data[FIXED + 4 :]):
        overload = value[0] if code == 52 and value else overload
        _take_option(fields, code, value)
    # Options may go on in the fields for file and server name (RFC 2132 section 9.3).
    for bit, part in ((1, data[108:236]), (2, data[44:108])):
        if overload & bit:
            for code, value in _options(part):
                _take_option(fields, code, value)
    return fields


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(OPTIONS):
        while at < len(data) and data[at] == 0:
            at += 1
        if at + 2 > len(data) or data[at] == 255:
            return
        size = data[at + 1]
        yield data[at], data[at + 2 : at + 2 + size]
        at += 2 + size


def unpack_dhcpv6(data: bytes) -> DhcpFields | None:
    """A DHCPv6 message; of a relayed one the message inside (RFC 8415 section 9), with the first relay's link address."""
    relay = ""
    for _ in range(RELAYS + 1):
        if len(data) < 4 or data[0] not in KINDS6:
            return None
        if data[0] not in _RELAY_KINDS:
            fields = DhcpFields(6, KINDS6[data[0]], int.from_bytes(data[1:4], "big"), relay=relay)
            _take_options6(fields, data[4:], 0)
            return fields
        if len(data) < 34:
            return None
        relay = _address(data[2:18])
        inner = next((value for code, value in _options6(data[34:]) if code == 9), b"")
        if not inner:
            return DhcpFields(6, KINDS6[data[0]], 0, relay=relay)
        data = inner
    return None


def _options6(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(OPTIONS):
        if at + 4 > len(data):
            return
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        yield int.from_bytes(data[at : at + 2], "big"), data[at + 4 : at + 4 + size]
        at += 4 + size


def _take_options6(fields: DhcpFields, data: bytes, depth: int) -> None:
    for code, value in _options6(data):
        if code in (3, 4, 25) and depth < 3:
            # An association holds options of its own behind its id (and, for IA_NA and IA_PD, two timers).
            _take_options6(fields, value[4 if code == 4 else 12 :], depth + 1)
        elif code == 5 and len(value) >= 24 and not fields.address:
            fields.address, fields.lease_s = _address(value[:16]), int.from_bytes(value[20:24], "big")
            _take_options6(fields, value[24:], depth + 1)
        elif code == 13 and len(value) >= 2 and not fields.status:
            fields.status, fields.text = int.from_bytes(value[:2], "big"), _text(value[2:])
        else:
            _take_option6(fields, code, value)


def _take_option6(fields: DhcpFields, code: int, value: bytes) -> None:
    fields.options.append(code)
    if code == 1:
        fields.client = value[:130].hex(":")
    elif code == 2:
        fields.server = value[:130].hex(":")
    elif code == 23:
        fields.dns_servers = _addresses(value, 16)
    elif code == 24:
        fields.search = _names(value)
    elif code == 39:
        fields.host_name = ".".join(_names(value[1:] + b"\0")[:1])
    elif code == 16:
        fields.vendor_class = _text(value[6:])


def _address(raw: bytes) -> str:
    """The text of an address; empty for the unspecified one and for bytes that are none."""
    if len(raw) not in (4, 16) or not any(raw):
        return ""
    return str(ipaddress.ip_address(raw))


def _addresses(raw: bytes, size: int = 4) -> tuple[str, ...]:
    return tuple(_address(raw[at : at + size]) for at in range(0, len(raw) - size + 1, size))


def _text(raw: bytes) -> str:
    """Text without the zero that some senders end it with; what no terminal should be sent becomes a mark."""
    text = raw.rstrip(b"\0").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _names(raw: bytes) -> tuple[str, ...]:
    """Domain names one after the other, compressed or not (RFC 1035 section 4.1.4)."""
    found: list[str] = []
    at = 0
    while at < len(raw) and len(found) < 32:
        name, at = _name(raw, at)
        if name:
            found.append(name)
    return tuple(found)


def _name(raw: bytes, at: int) -> tuple[str, int]:
    """One name and where it ends. A pointer leads backward only, so that names end."""
    labels: list[str] = []
    end, limit = 0, at
    while at < len(raw) and raw[at] and len(labels) < 64:
        if raw[at] & 0xC0:
            target = (raw[at] & 0x3F) << 8 | (raw[at + 1] if at + 1 < len(raw) else 0)
            end = end or at + 2
            if target >= limit:
                return ".".join(labels), end
            at = limit = target
            continue
        labels.append(_text(raw[at + 1 : at + 1 + raw[at]]))
        at += 1 + raw[at]
    return ".".join(labels), end or at + 1


_TAKERS: dict[int, tuple[str, Callable[[bytes], object]]] = {
    1: ("mask", _address),
    3: ("routers", _addresses),
    6: ("dns_servers", _addresses),
    12: ("host_name", _text),
    15: ("domain", _text),
    50: ("requested", _address),
    51: ("lease_s", lambda value: int.from_bytes(value[:4], "big")),
    53: ("kind", lambda value: KINDS.get(value[0], f"type {value[0]}") if value else "BOOTP"),
    54: ("server", _address),
    56: ("text", _text),
    60: ("vendor_class", _text),
    81: ("host_name", lambda value: _text(value[3:])),
    119: ("search", _names),
}
"""Options that have a field: the field's name, and how its bytes are read (RFC 2132; 81: RFC 4702; 119: RFC 3397)."""


def _take_option(fields: DhcpFields, code: int, value: bytes) -> None:
    fields.options.append(code)
    if code in _TAKERS:
        name, read = _TAKERS[code]
        setattr(fields, name, read(value))
