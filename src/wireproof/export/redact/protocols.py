"""Whether a conversation's protocol is one of which secrets are known here: by how its sides begin.

Takes the first bytes of both sides; gives yes or no. What is not known for sure is not known.
"""

from __future__ import annotations

import re
from typing import Protocol

from wireproof.wire.http import begins_message
from wireproof.wire.ldap import measure_ldap
from wireproof.wire.tls import unpack_record

LOOKED_AT = 1 << 14
START_LINE = re.compile(rb"[A-Z][A-Z_-]{1,15} [^\r\n]{1,8000} (?:HTTP|SIP|RTSP)/[0-9]|(?:HTTP|SIP|RTSP)/[0-9]")
START_LINE_LATER = re.compile(
    rb"\n(?:[A-Z][A-Z_-]{1,15} [^\r\n ]{1,8000} (?:HTTP|SIP|RTSP)/[0-9.]{1,4}\r\n|(?:HTTP|SIP|RTSP)/[0-9.]{1,4} [0-9]{3}[ \r])"
)
XML = re.compile(rb"(?:\xef\xbb\xbf)?<(?:\?xml|stream:|auth |iq |message |presence )")
BINARY = re.compile(
    rb"""(?xs)
    \x03\0..[\x02-\x7f][\xe0\xd0\xf0\xe1]                       # TPKT with X.224: desktops
    | \x30(?:\x81.|\x82..|[\x05-\x7f])\xa0\x03\x02\x01[\x02-\x0f]   # CredSSP
    | [\x01-\x04\x07\x0e\x10\x12][\0\x01\x08\x09]..\0\0[\0-\x10]\0        # TDS of a login
    | \x04\x01..[\0-\xff]{2}[\0-\x10]\0                           # TDS, answers
    | \0...[\xfc-\xfe]SMB                                           # SMB 2 and 3
    | \0[\0\x01]..[\x6a-\x7e][\x30\x81-\x83]                      # Kerberos
    | (?:\0[\x0c-\xff]|[\x01-\x3f].)..[\x00-\x0f\x80-\x8f].\0\x01\0.\0.\0.  # DNS
    | [\x80-\xff].\x01(?:\0\x02|\x03[\0-\x04])                   # hello of SSL 2
    | SSH-[12]
    """
)
RECORD = re.compile(rb"\x17\x03[\x01-\x03]..", re.DOTALL)

REPLY = re.compile(rb"[1-5][0-9]{2}[ -]")
DIALOGUE = re.compile(
    rb"(?i)(?:EHLO|HELO|LHLO|USER|PASS|AUTH|AUTHINFO|FEAT|OPTS|SYST|HOST|CLNT|PBSZ|PROT|QUIT|NOOP|STARTTLS|MODE|CAPABILITIES|MAIL|RSET|HELP)"
    rb"(?:[ \t][^\r\n]*)?\r?\n"
)
POP3_REPLY = re.compile(rb"\+OK|-ERR")
POP3_LINES = re.compile(
    rb"(?i)(?:(?:USER|PASS|APOP|CAPA|STLS|STAT|LIST|RETR|DELE|NOOP|RSET|QUIT|TOP|UIDL|UTF8|LANG|XTND|IMPLEMENTATION)(?:[ \t][^\r\n]*)?\r?\n"
    rb"|AUTH(?:[ \t]+(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|GSS-SPNEGO|XOAUTH2|OAUTHBEARER|EXTERNAL|SCRAM-[\w-]+)\b[^\r\n]*)?\r?\n"
    rb"|[A-Z0-9+/]+={0,2}\r?\n|[*=]\r?\n)+"
)
POP3_ALONE = re.compile(rb"(?i)(?:(?:USER|APOP) |CAPA\r?\n|STLS\r?\n|AUTH(?:\r?\n|[ \t]+(?!default)[A-Z]))")
IMAP_REPLY = re.compile(rb"\* |\+ |[A-Za-z0-9.]{1,20} (?:OK|NO|BAD)\b")
IMAP_LINE = re.compile(
    rb"(?i)[A-Z0-9.]{1,20} (?:LOGIN|AUTHENTICATE|CAPABILITY|STARTTLS|ID|NOOP|LOGOUT|SELECT|EXAMINE|LIST|ENABLE|NAMESPACE|COMPRESS|STATUS|LSUB)\b"
)
GREETING = re.compile(rb"220[ -]|\* (?:OK|PREAUTH)|\+OK [^\r\n]")
CALLER = re.compile(rb"(?:EHLO|HELO|LHLO) |[A-Za-z0-9.]{1,20} (?:LOGIN|AUTHENTICATE) ")


class Begun(Protocol):
    """A stream of which the beginning is asked for."""

    begins_known: bool

    def read(self, start: int, count: int) -> bytes:
        """Bytes from `start`."""

    def next_after(self, offset: int) -> int | None:
        """Where bytes go on."""


def is_known(one: Begun, other: Begun | None, start: int = 0, start_other: int = 0) -> bool:
    """Whether what is said from these offsets on is of a protocol that is known, or encrypted; None is a side that says nothing."""
    places = ((one, start), (other, start_other))
    heads = [_head(stream, at) for stream, at in places]
    if _is_dialogue(*heads) or _is_dialogue(*heads[::-1]):
        return True
    cut = [stream is not None and is_cut(stream, at) for stream, at in places]
    told = [_tells(head) or (late and _tells_late(head)) for head, late in zip(heads, cut, strict=True)]
    # One side alone may be a server that says, in its own protocol, that it doesn't understand the client's.
    silent = [not head.strip() for head in heads]
    return all(told[side] or silent[side] or (cut[side] and told[1 - side]) for side in (0, 1))


def is_cut(stream: Begun, start: int = 0) -> bool:
    """Whether the beginning of what stands at an offset is missing."""
    return not stream.begins_known or stream.next_after(start) != start


def records_from(head: bytes) -> int | None:
    """Where records of TLS follow each other, in a capture that begins in the middle of one."""
    for found in RECORD.finditer(head):
        record = unpack_record(found[0])
        if record and unpack_record(head[found.end() + record.length :][:5]):
            return found.start()
    return None


def _head(stream: Begun | None, start: int) -> bytes:
    at = stream.next_after(start) if stream else None
    return stream.read(at, LOOKED_AT) if stream and at is not None else b""


def _tells(head: bytes) -> bool:
    """Whether one side alone tells the protocol."""
    text = head.lstrip(b"\r\n")
    if START_LINE.match(text) or (begins_message(text) and b"\n" not in text) or XML.match(text):
        return True
    return BINARY.match(head) is not None or unpack_record(head[:5]) is not None or measure_ldap(head[:16]) is not None


def _tells_late(head: bytes) -> bool:
    """Whether something that is known begins later, in a capture that begins in the middle."""
    return START_LINE_LATER.search(head) is not None or records_from(head) is not None


def _is_dialogue(asking: bytes, answering: bytes) -> bool:
    """Whether they are lines of SMTP, FTP, NNTP, POP3 or IMAP."""
    if not asking or not answering:
        return GREETING.match(answering) is not None or CALLER.match(asking) is not None
    if REPLY.match(answering):
        return DIALOGUE.match(asking) is not None
    if POP3_REPLY.match(answering):
        lines = asking.rstrip(b"\r\n") + b"\n"
        return POP3_ALONE.match(asking) is not None and POP3_LINES.fullmatch(lines) is not None
    return IMAP_REPLY.match(answering) is not None and IMAP_LINE.match(asking) is not None
