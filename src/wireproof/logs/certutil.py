"""What `certutil -store` lists: certificates of a Windows store, with names, dates, hash, usages and private key.

Takes a text; gives certificates. Entries are told by their rule of equal signs, their fields by shape and order (serial, issuer, two
dates, subject, hash), so that any language is read, also where an entry's lines run together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.scan import find_near, places
from wireproof.logs.stamps import DATE, is_day_first, read_clock, read_date
from wireproof.logs.text import LogText

HEAD = re.compile(r"(?<!=)={6,80} [^=\n]{2,60}? (?P<number>\d{1,5}) ={6,}")
ENTRY = 16_384
"""Characters of one entry that are looked at; verbose ones of certificates with many names are shorter."""
HOUR = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\b\.?)?"
COLON = r"[ \t\u00a0]{0,8}[:\uff1a][ \t]{0,8}"
SERIAL = re.compile(COLON + r"(?P<serial>[0-9A-Fa-f]{6,64})(?![0-9A-Za-z.])")
NAME = re.compile(
    COLON + r"\n?[ \t]{0,16}(?P<name>(?:CN|OU|O|L|S|ST|C|DC|E|EMAIL|SERIALNUMBER|T|G|SN)[ ]?=[^\n]{1,500})",
    re.IGNORECASE,
)
NEXT_FIELD = re.compile(
    r"[ \t]+(?:[^\s=,:\uff1a()]{3,24}(?:\([^)\n]{1,12}\))?(?: [^\s=,:\uff1a]{2,24}){0,3} ?[:\uff1a]|"
    r"Non-root Certificate|Root Certificate|Signature matches)"
)
MOMENT = re.compile(COLON + rf"(?P<date>{DATE})[ ,\u00a0]{{1,4}}(?P<clock>{HOUR})")
SHA1 = re.compile(
    r"\(sha1\)" + COLON + r"(?P<hash>[0-9A-Fa-f]{2}(?: ?[0-9A-Fa-f]{2}){19})(?! ?[0-9A-Fa-f]{2}\b)", re.IGNORECASE
)
OF_CERTIFICATE = re.compile(r"(?i)(?:cert|zert)[^\n:]{0,20}$")
ALTERNATIVE = re.compile(
    r"\b(?:DNS[- ][^\s=]{2,20}|IP[- ][^\s=]{2,20}|IPAddress)=(?P<name>[^\s,]{1,253})", re.IGNORECASE
)
USAGE = re.compile(r"\((?P<oid>1\.3\.6\.1\.(?:5\.5\.7\.3\.\d{1,3}|5\.5\.8\.2\.2|4\.1\.311\.[\d.]{3,40}))\)")
NO_USAGE = re.compile(r"1\.3\.6\.1\.4\.1\.311\.(?:2[01]|1[05])\.")
"""Object ids of Windows' own extensions (template, application policies), which are no usages."""
KEY = re.compile(
    r"(?m)(?:^|[ \t])(?:Key Container|Schlüsselcontainer|Conteneur de clé|Contenedor de claves|Contenitore chiavi|Provider|Anbieter|Fournisseur)[ \t]*="
)
NO_KEY = re.compile(
    r"(?i)no key provider information|missing stored keyset|keine schlüsselanbieterinformationen|schlüsselsatz (?:fehlt|nicht vorhanden)|"
    r"cannot find the certificate and private key"
)
STORE = re.compile(
    r"certutil(?:\.exe)?(?:[ \t]+-\w+){0,6}[ \t]+-store(?:[ \t]+-\w+){0,6}[ \t]+\"?(?P<store>[\w-]{1,40})",
    re.IGNORECASE,
)
SERVER_USAGE = "1.3.6.1.5.5.7.3.1"


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """One entry. Dates are nanoseconds since 1970 of the clock on the wall there, 0 where they can't be read.

    `hash` is SHA-1 in lower case, "" where not shown; `names` are the alternative ones, shown only by the verbose form, and `common_name`
    is the subject's. `usages` are object ids; none: not shown, or any. `has_key` is None where the output does not say.
    """

    hash: str
    line: int
    number: int
    serial: str = ""
    issuer: str = ""
    subject: str = ""
    common_name: str = ""
    names: tuple[str, ...] = ()
    not_before_ns: int = 0
    not_after_ns: int = 0
    usages: tuple[str, ...] = ()
    has_key: bool | None = None
    store: str = ""
    hash_line: int = 0

    @property
    def named(self) -> tuple[str, ...]:
        """The names that it is for, as far as they are shown."""
        return self.names or ((self.common_name,) if self.common_name else ())

    @property
    def title(self) -> str:
        """How to speak of it in a sentence."""
        return self.common_name or self.subject or self.hash

    def is_expired(self, now_ns: int) -> bool:
        """Whether it has surely run out at a moment of UTC: by more than the width of all zones."""
        return bool(self.not_after_ns) and now_ns - self.not_after_ns > 14 * 3600 * 1_000_000_000

    def serves_tls(self) -> bool:
        """Whether its usages, as far as shown, allow a TLS server."""
        return not self.usages or SERVER_USAGE in self.usages


@dataclass(slots=True, kw_only=True)
class CertutilLog(Log):
    """Every certificate that one text lists."""

    title: ClassVar[str] = "certutil -store"

    certificates: list[StoredCertificate] = field(default_factory=list)


def find(text: LogText) -> CertutilLog | None:
    """The certificates in a text; None for none."""
    whole = text.whole
    heads = list(find_near(HEAD, whole, places(whole, "====== "), 100, ENTRY))
    ends = [*(head.start() for head in heads[1:]), len(whole)]
    entries = [whole[head.end() : min(end, head.end() + ENTRY)] for head, end in zip(heads, ends, strict=False)]
    day_first = is_day_first(match["date"] for entry in entries for match in MOMENT.finditer(entry))
    stores = [(match.start(), match["store"].lower()) for match in STORE.finditer(whole)] if heads else []
    found = []
    for head, entry in zip(heads, entries, strict=True):
        one = _entry(entry, text.line_at(head.start()), int(head["number"]), day_first=day_first)
        if one is not None:
            store = next((name for start, name in reversed(stores) if start < head.start()), "")
            digest = _own_hash(entry)
            line = text.line_at(head.end() + digest.start("hash")) if digest else one.line
            found.append(replace(one, store=store, hash_line=line))
    return CertutilLog(file=text.file, certificates=found) if found else None


def _entry(entry: str, line: int, number: int, *, day_first: bool) -> StoredCertificate | None:
    digest, serial = _own_hash(entry), SERIAL.search(entry)
    names = _names(entry)
    if digest is None and (serial is None or not names):
        return None
    moments = [_moment(match, day_first=day_first) for match in MOMENT.finditer(entry)][:2]
    subject = names[1] if len(names) > 1 else ""
    usages = dict.fromkeys(match["oid"] for match in USAGE.finditer(entry) if not NO_USAGE.match(match["oid"]))
    return StoredCertificate(
        re.sub(r"\s", "", digest["hash"]).lower() if digest else "", line, number,
        serial["serial"].lower() if serial else "", names[0] if names else "", subject, _common_name(subject),
        tuple(dict.fromkeys(match["name"].lower() for match in ALTERNATIVE.finditer(entry))),
        moments[0] if len(moments) == 2 else 0, moments[1] if len(moments) == 2 else 0,
        tuple(usages), False if NO_KEY.search(entry) else True if KEY.search(entry) else None,
    )  # fmt: skip


def _own_hash(entry: str) -> re.Match[str] | None:
    """The hash of the certificate itself; the verbose form has those of its names and key before it."""
    found = list(SHA1.finditer(entry))
    own = (match for match in found if OF_CERTIFICATE.search(entry, max(match.start() - 30, 0), match.start()))
    return next(own, found[-1] if found else None)


def _names(entry: str) -> list[str]:
    """The distinguished names of issuer and subject, each without what follows it on the same line."""
    found: list[str] = []
    at = 0
    while len(found) < 2 and (match := NAME.search(entry, at)):
        behind = NEXT_FIELD.search(match["name"])
        end = behind.start() if behind else len(match["name"])
        found.append(match["name"][:end].strip(" \t,"))
        at = match.start("name") + end
    return found


def _common_name(subject: str) -> str:
    match = re.match(r"(?i)(?:.{0,400}?,[ ]?)?CN[ ]?=[ ]?(\"[^\"]{1,200}\"|[^,]{1,200})", subject)
    return match[1].strip('" ') if match else ""


def _moment(match: re.Match[str], *, day_first: bool) -> int:
    clock = match["clock"]
    hour = re.match(r"(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(.*)", clock)
    start = read_date(match["date"], day_first=day_first)
    since = read_clock(f"{hour[1]}:{hour[2]}:{hour[3] or '00'}{hour[4]}") if hour else None
    return start + since if start is not None and since is not None else 0
