"""Secrets of TDS, which SQL Server speaks (MS-TDS): passwords, SSPI data and tokens of logins, tokens of federated authentication.

Takes bytes; gives what to blank. A message may lie in several packets, of which only what it says is blanked, not the headers between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from wireproof.export.redact.ntlm import find_ntlm_responses
from wireproof.export.redact.secret import NOWHERE, Secret
from wireproof.export.redact.spans import Span
from wireproof.export.redact.text import occurrences
from wireproof.wire.tds import END_OF_MESSAGE, FEDAUTH, SSPI

LOGIN7 = re.compile(rb"\x10[\x00-\x0f]..\0\0.[\0\x01]....[\0-\x06]..[\x08\x70-\x75]", re.DOTALL)
TOKEN = re.compile(rb"\x08(?=[\0-\x0f].....[\0\x01]..[\0-\x0f]\0..[\0-\x0f]\0)", re.DOTALL)
"""Headers with the first fields of a login, and of a Federated Authentication Token (MS-TDS sections 2.2.6.4 and 2.2.6.3)."""
VERSION = re.compile(rb"\0\0\0[\x70\x71]|\x01\0\0\x71|\x02\0\x09\x72|\x03\0[\x0a\x0b]\x73|\x04\0\0\x74")
TDS_8_0 = b"\0\0\0\x08"
"""The versions that there are (MS-TDS section 2.2.7.14). What states another, or 8.0, which is mostly zeros, is a login only if lengths agree."""
OLD_LOGIN = re.compile(
    rb"\x02(?=[\0\1]..\0\0.\0.{30}[\0-\x1e].{30}[\0-\x1e](?:.{0,61}\Z|.{30}[\0-\x1e].{30}[\0-\x1e](?:.{0,4}\Z|[\2\3][\0\1][\6\7].[\x08\x09])))",
    re.DOTALL,
)
"""A login of TDS 4.2 and 5.0, which Sybase speaks: host, user, password and process, each with its length behind; how numbers look."""
AT_ONCE = re.compile(rb"()")
"""The end of a message that the data cut: it is looked for again with what follows, and waits for nothing behind a gap."""

HEADER = 8
LEAST_PACKET = 512
"""Of a message with several packets (MS-TDS section 2.2.6.4)."""
MOST_PACKETS = 4096
"""Looked at in one window; what makes up messages in it is fewer."""

LOGIN_FIXED, LEAST_HEAD, LOGIN_HEAD, LOGIN_MOST = 36, 86, 94, (1 << 17) - 1
VERSION_AT, PASSWORD_AT, EXTENSION_AT, SSPI_AT, NEW_PASSWORD_AT, SSPI_LONG_AT = 4, 44, 56, 78, 86, 90
FLAGS_3, HAS_EXTENSION = 27, 0x10
TDS_7_0, TDS_7_1 = 0x70, 0x71
"""Whose logins end before the new password."""
OLD_TEXT, OLD_PASSWORD, OLD_REMOTE, OLD_REMOTE_MOST = 30, 62, 202, 255
"""Where the password of an old login stands, and the one for remote servers, which holds it once more."""
FEDERATED, TERMINATOR = 0x02, 0xFF
MOST_FEATURES = 64
NONCE = 32
TOKEN_MOST = 1 << 20
TOKEN_FIXED = 8
SSPI_BEFORE, SSPI_MOST = 80, 1 << 14
"""Bytes of SPNEGO and the header that may stand before an NTLM message, and of a message in which its responses are looked for."""


class Message(NamedTuple):
    """What packets say, by where their bodies stand. `cut` tells that the data end before the last of them does."""

    parts: list[Span]
    cut: bool

    @property
    def length(self) -> int:
        """Bytes that the packets say they hold."""
        return sum(end - start for start, end in self.parts)

    def read(self, data: bytes, start: int, end: int) -> bytes:
        """What stands there in the message; fewer bytes where the data end."""
        return b"".join(data[begin:stop] for begin, stop in self.places(start, min(end, self.length)))

    def places(self, start: int, end: int) -> Iterator[Span]:
        """Where a stretch of the message stands; behind the packets that are known, as far as it may reach with headers."""
        before = 0
        if start >= end:
            return
        for begin, stop in self.parts:
            size = stop - begin
            if start < before + size and end > before:
                yield begin + max(start - before, 0), begin + min(end - before, size)
            before += size
        if end > before:
            last = self.parts[-1][1]
            yield last + max(start - before, 0), last + _with_headers(end - before)

    def secrets(self, spans: list[Span], name_at: int) -> Iterator[Secret]:
        """These stretches of the message."""
        for start, end in spans:
            for begin, stop in self.places(start, end):
                yield Secret(begin, stop, AT_ONCE if self.cut else NOWHERE, name_at, self.cut)


def find_tds_secrets(data: bytes) -> Iterator[Secret]:
    """Every secret of logins and federated authentication in the data."""
    packets, at = _Packets(data), 0
    while login := LOGIN7.search(data, at):
        # A message whose packets and length agree isn't looked for others inside.
        at, secrets = _login(packets, login.start())
        yield from secrets
    for old in OLD_LOGIN.finditer(data):
        yield from _old_login(packets, old.start())
    for token in TOKEN.finditer(data):
        yield from _token(packets, token.start()) or ()


def find_ntlm_in_packets(data: bytes, at: int) -> list[Secret]:
    """The responses of the NTLM message at `at` if it goes on in further packets of an SSPI message; none otherwise."""
    packets = _Packets(data)
    near = max(at - SSPI_BEFORE, 0)
    for place in occurrences(data[near : at - HEADER + 2] if at >= HEADER else b"", bytes((SSPI, 0))):
        begin = near + place
        message = packets.join(begin, SSPI_MOST)
        if message is None or len(message.parts) < 2:
            continue
        said = message.read(data, 0, message.length)
        found = find_ntlm_responses(said, at - begin - HEADER)
        return [one for secret in found for one in message.secrets([(secret.start, secret.end)], begin)]
    return []


def _with_headers(size: int) -> int:
    """Bytes that a stretch of a message takes at most, with the headers of packets in it."""
    return size + HEADER * (size // (LEAST_PACKET - HEADER) + 1)


class _Packets:
    """The packets in one window, of which only so many are looked at."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._left = MOST_PACKETS

    @property
    def spent(self) -> bool:
        """Whether no more are looked at, so that nothing is told of a message."""
        return not self._left

    def join(self, at: int, wanted: int) -> Message | None:
        """The message that begins with the packet at `at`: up to its last packet or `wanted` bytes; None where packets don't follow each other."""
        kind, parts, total = self.data[at], list[Span](), 0
        while self._left > 0:
            self._left -= 1
            head = self.data[at : at + HEADER]
            if len(head) < HEADER:
                return Message(parts, True) if parts else None
            size = int.from_bytes(head[2:4], "big")
            last = bool(head[1] & END_OF_MESSAGE)
            if head[0] != kind or head[7] > 1 or size <= HEADER:
                return None
            parts.append((at + HEADER, at + size))
            total, at = total + size - HEADER, at + size
            if last or total >= wanted:
                return Message(parts, at > len(self.data))
            if size < LEAST_PACKET:
                return None
        return None


def _login(packets: _Packets, at: int) -> tuple[int, list[Secret]]:
    """Where to look on, and what to blank of a login: its secrets, or all that varies where it is not as it should be."""
    data, begin = packets.data, at + HEADER
    length = int.from_bytes(data[begin : begin + 4], "little")
    message = packets.join(at, length) if LOGIN_HEAD <= length <= LOGIN_MOST else None
    fits = message is not None and _fits(message, length)
    agrees = message is not None and (
        message.length == length or (fits and data.startswith(TDS_8_0, begin + VERSION_AT))
    )
    if not agrees and not VERSION.match(data, begin + VERSION_AT):
        return at + 1, []
    head = message.read(data, 0, LOGIN_HEAD) if message else b""
    if message is None or len(head) < LOGIN_HEAD or not fits:
        packet = int.from_bytes(data[at + 2 : at + 4], "big")
        reach = _with_headers(min(max(length, packet), LOGIN_MOST)) + HEADER
        # One of which too little is there to be read is looked at again with what follows.
        cut = begin + LOGIN_HEAD > len(data)
        end = begin + max(reach, LOGIN_FIXED)
        return at + 1, [Secret(begin + LOGIN_FIXED, end, AT_ONCE if cut else NOWHERE, at, cut)]
    spans = _login_spans(packets.data, message, head, length)
    secrets = list(message.secrets([(LOGIN_HEAD, length)] if spans is None else spans, at))
    if message.cut:
        return at + 1, secrets
    end = message.parts[-1][1]
    return end, secrets + _behind_login(packets, end, at)


def _fits(message: Message, length: int) -> bool:
    """Whether packets hold a message of this length, as far as they are there."""
    return message.length == length or (message.cut and message.length < length)


def _login_spans(data: bytes, message: Message, head: bytes, length: int) -> list[Span] | None:
    """Passwords, SSPI data and tokens; None where fields lie outside what varies or their list can't be found."""
    fields = [(PASSWORD_AT, 2), (SSPI_AT, 1)]
    fields += [] if head[VERSION_AT + 3] in {TDS_7_0, TDS_7_1} else [(NEW_PASSWORD_AT, 2)]
    spans = []
    for field, size in fields:
        start, count = (int.from_bytes(head[place : place + 2], "little") for place in (field, field + 2))
        count *= size
        if field == SSPI_AT and count == 0xFFFF:
            count = int.from_bytes(head[SSPI_LONG_AT : SSPI_LONG_AT + 4], "little") or count
        # Where a field is empty, its place means nothing.
        if count and (start < LEAST_HEAD or start + count > length):
            return None
        spans += [(start, start + count)] if count else []
    if head[FLAGS_3] & HAS_EXTENSION:
        tokens = _feature_spans(data, message, head, length)
        return None if tokens is None else spans + tokens
    return spans


def _feature_spans(data: bytes, message: Message, head: bytes, length: int) -> list[Span] | None:
    """Tokens in the list of features, and all of it from where it is cut; None where it is not found or can't be read to its end."""
    place, size = (int.from_bytes(head[at : at + 2], "little") for at in (EXTENSION_AT, EXTENSION_AT + 2))
    pointer = message.read(data, place, place + 4)
    at = int.from_bytes(pointer, "little")
    if size < 4 or len(pointer) < 4 or at > length or 0 < at < LOGIN_HEAD:
        return None
    spans: list[Span] = []
    for _ in range(MOST_FEATURES if at else 0):
        feature = message.read(data, at, at + 5)
        if feature[:1] == bytes((TERMINATOR,)):
            # The list is the last of the message: what ends elsewhere is no list.
            return spans if at + 1 == length else None
        if len(feature) < 5:
            return [*spans, (at, length)] if message.cut else None
        start, end = at + 5, at + 5 + int.from_bytes(feature[1:], "little")
        if end > length:
            return None
        if feature[0] == FEDERATED:
            spans += _federated_span(data, message, start, end)
        at = end
    return None if at else spans


def _federated_span(data: bytes, message: Message, start: int, end: int) -> list[Span]:
    """The token in a FEDAUTH feature: options, its length, itself, a nonce. Libraries that send it later put a workflow there, others more."""
    if end - start <= 2:
        return []
    told = message.read(data, start + 1, start + 5)
    token = int.from_bytes(told, "little")
    if len(told) == 4 and end - start - 5 - token in {0, NONCE}:
        return [(start + 5, start + 5 + token)]
    return [(start + 1, end)]


def _old_login(packets: _Packets, at: int) -> list[Secret]:
    """The passwords of an old login, all of their fields where their lengths are not there. What has no user, or no zeros behind it, is none."""
    data, begin = packets.data, at + HEADER
    for field in (0, OLD_TEXT + 1):
        text = data[begin + field : begin + field + OLD_TEXT]
        size = data[begin + field + OLD_TEXT]
        if text[size:].strip(b"\0") or b"\0" in text[:size] or (field and not size):
            return []
    spans = []
    message = packets.join(at, OLD_REMOTE + OLD_REMOTE_MOST + 1)
    message = message or Message([(begin, begin + _with_headers(OLD_REMOTE + OLD_REMOTE_MOST))], False)
    for field, most in ((OLD_PASSWORD, OLD_TEXT), (OLD_REMOTE, OLD_REMOTE_MOST)):
        told = message.read(data, field + most, field + most + 1)
        spans.append((field, field + (told[0] if told and told[0] <= most else most)))
    return list(message.secrets(spans, at))


def _behind_login(packets: _Packets, at: int, login_at: int) -> list[Secret]:
    """The token's message that stands right behind a login, known by its place: where its lengths don't agree, all that any of them says."""
    data, begin = packets.data, at + HEADER
    if data[at : at + 1] != bytes((FEDAUTH,)) or len(data) < begin:
        return []
    found = _token(packets, at)
    if found is not None:
        return found
    message = packets.join(at, TOKEN_MOST)
    told = [int.from_bytes(data[place : place + 4], "little") for place in (begin, begin + 4)]
    size = max((length for length in told if length <= LOGIN_MOST), default=0) + TOKEN_FIXED
    if message is None or message.cut or message.length < size:
        # Packets that don't follow each other, are missing or end too early: nothing tells where headers stand.
        packet = int.from_bytes(data[at + 2 : at + 4], "big")
        end = begin + _with_headers(max(packet, size if message and not message.cut else LOGIN_MOST))
        return [Secret(begin, end, NOWHERE, login_at, False)]
    return list(message.secrets([(0, message.length)], login_at))


def _token(packets: _Packets, at: int) -> list[Secret] | None:
    """The token in a message of its own: the length of what follows, its own length, itself, a nonce. None where that doesn't agree."""
    data, begin = packets.data, at + HEADER
    total = int.from_bytes(data[begin : begin + 4], "little") + 4
    token = int.from_bytes(data[begin + 4 : begin + TOKEN_FIXED], "little")
    if total > TOKEN_MOST or total - TOKEN_FIXED - token not in {0, NONCE}:
        return None
    message = packets.join(at, total)
    if message is None and packets.spent:
        return [Secret(begin + TOKEN_FIXED, begin + _with_headers(total), NOWHERE, at, False)]
    if message is None or not _fits(message, total):
        return None
    return list(message.secrets([(TOKEN_FIXED, TOKEN_FIXED + token)], at))
