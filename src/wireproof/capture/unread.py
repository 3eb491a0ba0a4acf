"""Names what an input is that wireproof can't read, so that the error helps.

Takes the first bytes, gives a phrase for an error message. Recognises by content; reads nothing further.
"""

from __future__ import annotations

CAPTURES: tuple[tuple[bytes, str], ...] = (
    (b"snoop\0\0\0", "a snoop capture (RFC 1761)"),
    (b"XCP\0", "a Network Associates Sniffer for Windows capture"),
    (b"TRSNIFF data", "a Network General Sniffer capture"),
    (b"\x05VNF", "a Visual Networks capture"),
    (b"\x7fver", "an EtherPeek or OmniPeek capture"),
    (b"\x0d\x0d\x0a\x0a", "a LANalyzer capture"),
    (b"btsnoop\0", "a Bluetooth btsnoop log"),
    (b"iptrace ", "an AIX iptrace capture"),
    (b"nspr", "a NetScaler trace"),
)
"""Captures that are recognised but not yet read; each can be turned into pcapng by Wireshark or its maker's tool."""

OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x30\x82", "a certificate or key in DER form"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a Linux program"),
    (b"MZ", "a Windows program"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!\x1a\x07", "a rar archive; unpack it first"),
    (b"MSCF", "a cabinet archive; unpack it first (`expand FILE.cab -F:* .` on Windows)"),
    (b"ElfFile\0", "a Windows event log (EVTX)"),
    (b"\xd0\xcf\x11\xe0", "an Office document or MSI package"),
)


DAY = 86_400


def describe(head: bytes) -> str:
    """What a file that starts with `head` looks like, as a phrase that follows its name: "is …"."""
    if not head:
        return "is empty"
    for magic, what in CAPTURES:
        if head.startswith(magic):
            return f"is {what}: recognised but not yet read"
    for magic, what in OTHERS:
        if head.startswith(magic):
            return f"is {what}, no capture"
    if head[257:262] == b"ustar":
        return "is a tar archive; unpack it first"
    if _first_line(head):
        # Nothing of it is quoted: a file beside captures may hold passwords.
        return "is a text file, no capture"
    if _starts_like_erf(head):
        return "looks like an Endace ERF capture: recognised but not yet read"
    return f"is no capture that wireproof knows; it starts with the bytes {head[:8].hex(' ')}"


def _starts_like_erf(head: bytes) -> bool:
    """At least two records in `head`, each with a type below 48 and a length that holds its header, not a day apart."""
    at = count = 0
    last = None
    while len(head) - at >= 16:
        seconds = int.from_bytes(head[at + 4 : at + 8], "little")
        length = int.from_bytes(head[at + 10 : at + 12], "big")
        is_later = last is None or abs(seconds - last) < DAY
        if not 1 <= head[at + 8] & 0x7F < 48 or length < 18 or not is_later:
            return False
        at += length
        last = seconds
        count += 1
    return count > 1


def _first_line(head: bytes) -> str:
    """The first characters of a text, "" when the bytes are none."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = head[: len(head) & ~1].decode("utf-16") if wide else head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A character cut by the end of `head` is no sign of anything.
        if wide or len(head) - error.start > 3:
            return ""
        text = head[: error.start].decode("utf-8-sig")
    if any(ord(character) < ord(" ") and character not in "\t\r\n\f\x1b" for character in text):
        return ""
    return (text.strip().splitlines() or [""])[0][:40]
