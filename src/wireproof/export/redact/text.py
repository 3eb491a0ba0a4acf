"""Secrets in text, whatever protocol carries it: fields of heads, forms, JSON, XML, addresses with passwords, SDP.

Takes bytes; gives what to blank. Every secret is found by its name wherever it stands, so that no framing need be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from wireproof.export.redact.members import find_in_object, json_value
from wireproof.export.redact.secret import AT_LINE, Secret, secret_until
from wireproof.export.redact.tags import find_in_tag, sibling_value
from wireproof.wire.secret_names import PARTS, WHOLE

NAMED = tuple(part.encode() for part in PARTS)
EXACT = tuple(name.encode() for name in WHOLE)
ENDINGS = frozenset({b"auth", b"otp", b"pin", b"pw"})
"""Those of EXACT that also end a name in which words are told apart by capitals, or by nothing: accountPin, MSISAuth."""
SCHEMES = frozenset(
    b"basic bearer digest ntlm negotiate kerberos tls-dsk oauth hawk mutual scram-sha-1 scram-sha-256 aws4-hmac-sha256 gssapi".split()
)
"""Schemes of authentication, which stay readable."""

KEY = rb"(?:[\w.$\[\]-]|%5[bBdD])"
TAIL = re.compile(
    KEY
    + rb'{0,64}(?:(?P<form>[ \t]{0,8}=>?[ \t]{0,8}|%3[dD])|(?P<json>(?P<escape>\\*)(?P<mark>["\'])\s{0,64}(?::|=>)\s{0,64})|(?P<line>[ \t]{0,16}:)'
    rb'|(?P<html>["\'][^<>]{0,300}?\bvalue\s?=\s?["\'])|(?P<part>"[^\r\n]{0,500}\r?\n(?:[^\r\n]{1,500}\r?\n){0,8}\r?\n)'
    rb"|(?P<next>(?:\]\]>)?\s{0,64}</(?:[\w.-]+:)?(?i:name|key|id|n|field|attribute|variable|property)\s{0,16}>\s{0,256})"
    rb"|(?P<bare>\r?\n(?:[^\r\n]{1,500}\r?\n){0,8}\r?\n)|(?P<xml>(?:\s[^<>]{0,2000})?>))"
)
"""What may stand between a name and its value."""
KINDS = ("form", "json", "line", "html", "part", "next", "bare", "xml")
NAME_BEFORE = re.compile(rb"[\w.:$\[\]=-]{0,80}\Z")
ELEMENT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
LINE_START = re.compile(rb"(?:^|[\r\n])[ \t-]{0,16}(?:a=)?[\w.-]{0,80}\Z")

MEMBER_START = re.compile(rb"[{,(\[;][ \t\r\n]{0,64}[\w.$-]{0,80}\Z")
"""What stands before a name without quotation marks in objects of scripts, GraphQL and YAML."""
MEMBER_VALUE = re.compile(rb"\s{0,16}(\\*[\"'])?")
QUOTED = re.compile(rb"[A-Za-z]?([\"'])")
"""The beginning of a string, of SQL's N'...' too."""

AT_FORM = re.compile(rb"([&\s\"'<>])")
AT_SPACE = re.compile(rb"(\s)")
AT_QUOTE = {b'"': re.compile(rb"(\")"), b"'": re.compile(rb"(')")}
AT_PART = re.compile(rb"(\r?\n--)")
AT_CODED = re.compile(rb"([^A-Za-z0-9+/=])")
AT_TAG = re.compile(rb"(<)")

USER_INFO = re.compile(rb"://[^/\s\"'<>@:]{0,200}:(?=[^/\s\"'<>@]{0,500}(?:@|\Z))")
AT_SIGN = re.compile(rb"([@/\s\"'<>])")
SASL_ELEMENT = re.compile(rb"<[\w:]{1,40}\s[^<>]{0,500}xmpp-sasl[^<>]{0,500}>")
WEB_TOKEN = re.compile(rb"eyJ[\w-]{8,8000}(?:\.[\w-]|\.?\Z)")
"""A JSON web token (RFC 7519), whatever it is called."""
AT_PEM_END = re.compile(rb"(-----[Ee][Nn][Dd])")
BEARER = re.compile(
    rb"(?i)bearer[ \t]{1,8}(?=[\w.~+/=-]{16}|[\w.~+/=-]{0,15}\Z)(?!(?:realm|error|scope|authorization_uri)[=_])"
)
AT_TOKEN_END = re.compile(rb"([^\w.-])")
SCHEME = re.compile(rb"[ \t]*([A-Za-z][\w-]{1,30})[ \t]+(?=\S)")
CHALLENGE = re.compile(rb"(?i)(?:ntlm|negotiate|kerberos)[ \t]+(?=[A-Za-z0-9+/]{8})|gssapi-data=\"?")


def find_text_secrets(data: bytes) -> Iterator[Secret]:
    """Every secret in the data, in no order; some may overlap."""
    for stem, at in find_stems(data.lower()):
        if stem in SPECIAL:
            yield from SPECIAL[stem](data, at)
        elif stem not in EXACT:
            yield from _named(data, at, at + len(stem))
        elif at == 0 or not (data[at - 1 : at].isalnum() or data[at - 1 : at] == b"-") or _ends_name(data, at, stem):
            yield from _named(data, at, at + len(stem), whole=True)


def _ends_name(data: bytes, at: int, stem: bytes) -> bool:
    """Whether it is a word of its own at the end of a longer name."""
    return stem in ENDINGS and (data[at : at + 1].isupper() or stem == b"auth")


def _named(data: bytes, at: int, end: int, whole: bool = False) -> Iterator[Secret]:
    """Everything of which a name that holds data[at:end] is the name."""
    yield from _behind_name(data, at, end, whole)
    if not whole or not data[end : end + 1].isalpha():
        yield from find_in_tag(data, at)
        yield from find_in_object(data, at)


def find_stems(lowered: bytes) -> Iterator[tuple[bytes, int]]:
    """(stem, place) of everything by which secrets are found in the data, which is all lower case."""
    for stem in SHORT:
        for at in occurrences(lowered, stem):
            yield stem, at
    for shift in range(4):
        count = (len(lowered) - shift) // 4
        if count <= 0:
            return
        words = np.frombuffer(lowered, "<u4", count, shift)
        # Most data hold no stem: their first four bytes are looked up for all places at once.
        for place in np.flatnonzero(LIKELY[(words * MIXER) >> SPREAD]).tolist():
            at = 4 * place + shift
            for stem in LONG.get(lowered[at : at + 4], ()):
                if lowered.startswith(stem, at):
                    yield stem, at


def occurrences(data: bytes, stem: bytes) -> Iterator[int]:
    """Every place where `stem` stands."""
    at = data.find(stem)
    while at >= 0:
        yield at
        at = data.find(stem, at + 1)


def _user_info(data: bytes, at: int) -> Iterator[Secret]:
    found = USER_INFO.match(data, at)
    if found:
        yield secret_until(data, found.end(), AT_SIGN, at)


def _srtp_key(data: bytes, at: int) -> Iterator[Secret]:
    yield secret_until(data, at + 7, AT_SPACE, at)


def _coded_ntlm(data: bytes, at: int) -> Iterator[Secret]:
    yield secret_until(data, at, AT_CODED, at)


def _web_token(data: bytes, at: int) -> Iterator[Secret]:
    if WEB_TOKEN.match(data, at):
        yield secret_until(data, at, AT_TOKEN_END, at)


def _sasl_element(data: bytes, at: int) -> Iterator[Secret]:
    start = data.rfind(b"<", max(at - 600, 0), at)
    found = SASL_ELEMENT.match(data, start) if start >= 0 else None
    if found:
        yield secret_until(data, found.end(), AT_TAG, start)


def _private_key(data: bytes, at: int) -> Iterator[Secret]:
    """The lines of a private key in PEM, whatever stands around them."""
    if b"-----begin" in data[max(at - 40, 0) : at].lower():
        yield secret_until(data, at + len(b"private key-----"), AT_PEM_END, at)


def _bearer(data: bytes, at: int) -> Iterator[Secret]:
    """A token by the scheme before it, whatever field it stands in."""
    found = BEARER.match(data, at)
    if found:
        yield secret_until(data, found.end(), AT_FORM, at)


def _query_key(data: bytes, at: int) -> Iterator[Secret]:
    yield secret_until(data, at + len(b"?key="), AT_FORM, at)


def _sdp_key(data: bytes, at: int) -> Iterator[Secret]:
    """The key field, and the key management attribute of MIKEY (RFC 8866 section 5.12, RFC 4567)."""
    yield secret_until(data, data.index(b":", at) + 1, AT_LINE, at)


SPECIAL: dict[bytes, Callable[[bytes, int], Iterator[Secret]]] = {
    b"://": _user_info,
    b"inline:": _srtp_key,
    b"tlrmtvntua": _coded_ntlm,
    b"xmpp-sasl": _sasl_element,
    b"eyj": _web_token,
    b"private key-----": _private_key,
    b"bearer": _bearer,
    b"?key=": _query_key,
    b"&key=": _query_key,
    b"k=clear:": _sdp_key,
    b"k=base64:": _sdp_key,
    b"key-mgmt:": _sdp_key,
}
"""What begins, or stands in, secrets that have no name before them."""
STEMS = (*NAMED, *EXACT, *SPECIAL)
SHORT = tuple(stem for stem in STEMS if len(stem) < 4)
LONG: dict[bytes, list[bytes]] = {}
for _stem in STEMS:
    if len(_stem) >= 4:
        LONG.setdefault(_stem[:4], []).append(_stem)
MIXER, SPREAD = np.uint32(2654435761), np.uint32(16)
"""Spread four bytes over 65,536 places."""
LIKELY = np.zeros(1 << 16, bool)
LIKELY[(np.array([int.from_bytes(first, "little") for first in LONG], np.uint32) * MIXER) >> SPREAD] = True


def _behind_name(data: bytes, at: int, end: int, whole: bool = False) -> Iterator[Secret]:
    """What a name that holds data[at:end] is the name of. `whole` names end there."""
    tail = TAIL.match(data, end)
    if tail is None or (whole and data[end : _first(tail)].strip(b"0123456789")):
        return
    kind = tail.lastgroup if tail.lastgroup not in {"escape", "mark"} else "json"
    value, begins = tail.end(), _name_start(data, at)
    if kind == "form":
        quoted = QUOTED.match(data, value)
        yield secret_until(data, quoted.end() if quoted else value, AT_QUOTE[quoted[1]] if quoted else AT_FORM, begins)
    elif kind == "json":
        yield json_value(data, value, begins, tail["escape"] + tail["mark"])
    elif kind == "html":
        yield secret_until(data, value, AT_QUOTE[data[value - 1 : value]], begins)
    elif kind == "next":
        yield from sibling_value(data, at, value, begins)
    elif kind == "part" or (kind == "bare" and b"name=" in data[begins:at].lower()):
        yield secret_until(data, value, AT_PART, begins)
    elif kind == "line" and LINE_START.search(data, max(at - 100, 0), at):
        yield from _field_value(data, value, begins, data[begins:value].lower())
    elif kind == "line" and MEMBER_START.search(data, max(at - 160, 0), at):
        member = MEMBER_VALUE.match(data, value)
        assert member
        yield json_value(data, member.start(1) if member[1] else member.end(), begins, member[1] or b'"')
    elif kind == "xml":
        element = ELEMENT.match(data, begins)
        if element and data[value - 2 : value] != b"/>":
            closing = re.compile(rb"(</(?:[\w.-]+:)?" + re.escape(element[1]) + rb"\s*>)", re.IGNORECASE)
            yield secret_until(data, value, closing, begins)


def _first(tail: re.Match[bytes]) -> int:
    """Where what stands between name and value begins."""
    return min(tail.start(name) for name in (KINDS) if tail.start(name) >= 0)


def _name_start(data: bytes, at: int) -> int:
    """Where the name begins, with what belongs to it on the left: a bracket of a tag, or a quotation mark."""
    before = data[max(at - 80, 0) : at]
    found = NAME_BEFORE.search(before)
    start = at - (len(found[0]) if found else 0)
    return start - (start > 0 and data[start - 1 : start] in (b"<", b'"', b"'"))


def _field_value(data: bytes, value: int, begins: int, name: bytes) -> Iterator[Secret]:
    """What is secret of a line `name: value`, folded lines included. Of a challenge only what stands for a token is."""
    whole = secret_until(data, value, AT_LINE, begins)
    if b"authenticate" in name:
        for challenge in CHALLENGE.finditer(data, value, whole.end):
            yield whole._replace(start=challenge.end())
            return
        if whole.open:
            yield whole
        return
    scheme = SCHEME.match(data, value, whole.end)
    if scheme and b"authoriz" in name and scheme[1].lower() in SCHEMES:
        yield whole._replace(start=scheme.end())
    else:
        leading = len(data[value : whole.end]) - len(data[value : whole.end].lstrip(b" \t"))
        yield whole._replace(start=value + leading)
