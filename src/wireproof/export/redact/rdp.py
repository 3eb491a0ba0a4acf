"""Passwords of remote desktops (MS-RDPBCGR): of the client's logon, and of a server that sends the client to another one.

Takes bytes; gives what to blank. A length is believed only as far as it blanks more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.export.redact.secret import NOWHERE, Secret

CLIENT_INFO = re.compile(rb"\x02\xf0\x80\x64.{4}\x70(?:[\0-\x7f]|[\x80-\xbf].)[\x40-\x7f\xc0-\xff].\0\0", re.DOTALL)
"""An MCS send data request whose security header has SEC_INFO_PKT (MS-RDPBCGR section 2.2.1.11)."""
REDIRECTION = re.compile(rb"\x02\xf0\x80\x68.{4}\x70(?:[\0-\x7f]|[\x80-\xbf].)..[\x0a\x1a]\0....\0\x04", re.DOTALL)
"""An MCS send data indication with a Server Redirection Packet up to its flags (MS-RDPBCGR sections 2.2.13.1 and 2.2.13.3.1)."""
FLAGS_AT, FIELDS_AT = 6, 10
BEFORE_PASSWORD, PASSWORD = (0x1, 0x2, 0x4, 0x8), 0x10
"""Which fields are there: address, load balancing, user, domain, password, in this order."""
UNKNOWN = 1024
"""Bytes that are blanked where no length tells."""


def find_desktop_secrets(data: bytes) -> Iterator[Secret]:
    """Every secret of these messages in the data."""
    for found in CLIENT_INFO.finditer(data):
        yield from _client_info(data, found.start(), found.end())
    for found in REDIRECTION.finditer(data):
        yield from _redirection(data, found.start(), found.end())


def _end(data: bytes, at: int, begin: int) -> int:
    """Where the message around what stands at `at` ends by its TPKT header, or may end at most."""
    size = int.from_bytes(data[at - 2 : at], "big") if at >= 4 and data[at - 4] == 3 else 0
    return at - 4 + size if size else begin + UNKNOWN


def _client_info(data: bytes, at: int, end: int) -> Iterator[Secret]:
    """All of a Client Info PDU behind its security header."""
    yield Secret(end, max(_end(data, at, end), end), NOWHERE, at, False)


def _redirection(data: bytes, at: int, begin: int) -> Iterator[Secret]:
    """The password, or all from where fields don't fit."""
    stop = _end(data, at, begin)
    flags = int.from_bytes(data[begin + FLAGS_AT : begin + FIELDS_AT], "little")
    place = begin + FIELDS_AT
    if len(data) >= place and not flags & PASSWORD:
        return
    for flag in (*BEFORE_PASSWORD, PASSWORD):
        if len(data) < place + 4 or stop < place + 4:
            break
        if flags & flag:
            end = place + 4 + int.from_bytes(data[place : place + 4], "little")
            if end > stop:
                break
            if flag == PASSWORD:
                yield Secret(place + 4, end, NOWHERE, at, False)
                return
            place = end
    yield Secret(place, max(stop, place), NOWHERE, at, False)
