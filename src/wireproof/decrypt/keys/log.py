"""Key logs (SSLKEYLOGFILE, RFC 9850), the lines that NSS and OpenSSL wrote before it, and session texts of `openssl s_client`.

Takes the bytes of a file or of an embedded block; gives secrets by label and by what a session finds them by, and notes on lines
that are none. Bad lines never raise, and no note repeats what may be a secret.
"""

from __future__ import annotations

import functools
import re
from binascii import Error as NotHexadecimal
from binascii import unhexlify
from dataclasses import dataclass, field
from typing import NamedTuple

from wireproof.decrypt.keys._log import take_lines
from wireproof.limits import limit
from wireproof.wire.text_encoding import find_mark

MOST_SECRETS = limit(
    "keys.logged_secrets",
    4_000_000,
    "a secret takes about 300 bytes of memory; a log of more should be cut to the time of the captures",
)
MOST_NOTES = 10
HEAD = 1 << 16
"""Bytes that are looked at to recognise a log; comments may stand before its first secret."""
FIRST_LINES = 8
"""Lines of which one mostly is a usual one, behind a comment or two."""
LONGEST_LINE = 1 << 14
"""Bytes of a line that are looked at: a premaster secret of a 65,536-bit group has as many digits."""

RANDOM = (32,)
HASHES = (32, 48, 64)
"""Lengths of SHA-256, SHA-384 and SHA-512, of which TLS 1.3 makes its secrets."""
MASTER = (48,)


class _Form(NamedTuple):
    """A label and how many bytes may stand behind it: what the secret is found by, and the secret (none for any number)."""

    label: str
    found_by: tuple[int, ...]
    value: tuple[int, ...]


def _forms() -> dict[bytes, _Form]:
    """Every label of a line of three words (RFC 9850 sections 2.1 and 2.2, and what NSS and QUIC libraries wrote)."""
    tls13 = (
        "CLIENT_EARLY_TRAFFIC_SECRET", "EARLY_EXPORTER_SECRET", "EARLY_EXPORTER_MASTER_SECRET", "EXPORTER_SECRET",
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_TRAFFIC_SECRET_0",
    )  # fmt: skip
    quic = ("CLIENT_EARLY_TRAFFIC", "CLIENT_HANDSHAKE_TRAFFIC", "SERVER_HANDSHAKE_TRAFFIC")
    names = [*tls13, *(f"QUIC_{name}_SECRET" for name in quic)]
    names += [f"QUIC_{side}_TRAFFIC_SECRET_0" for side in ("CLIENT", "SERVER")]
    forms = [_Form(name, RANDOM, HASHES) for name in names]
    forms += [
        _Form("CLIENT_RANDOM", RANDOM, MASTER),
        _Form("RSA", (8,), MASTER),
        _Form("PMS_CLIENT_RANDOM", RANDOM, ()),
        # Encrypted Client Hello: nothing here is opened with these, and nobody needs to be told.
        _Form("", (), ()),
    ]
    made = {form.label.encode(): form for form in forms if form.label}
    return made | {b"ECH_SECRET": forms[-1], b"ECH_CONFIG": forms[-1]}


FORMS = _forms()
LATER = re.compile(rb"(QUIC_)?(CLIENT|SERVER)_TRAFFIC_SECRET_[0-9]{1,9}")
"""Secrets after key updates; some programs log each."""
SESSION = re.compile(rb"RSA Session-ID:([0-9A-Fa-f]*) Master-Key:([0-9A-Fa-f]+)")
TEXT_ID = re.compile(rb"\s*Session-ID:\s*([0-9A-Fa-f]*)\s*")
TEXT_KEY = re.compile(rb"\s*Master-Key:\s*([0-9A-Fa-f]+)\s*")
HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]+")
HARMLESS = re.compile(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
"""An unknown label that may be quoted: with an underscore it is no secret in hexadecimal or base64."""


@dataclass(slots=True)
class KeyLog:
    """What a log holds: (label, what the secret is found by) to its bytes, as `KeyRing.logged` says; and what was not understood."""

    secrets: dict[tuple[str, bytes], bytes] = field(default_factory=dict, repr=False)
    notes: list[str] = field(default_factory=list)


class _BadLine(ValueError):
    """A line that holds no secret; the text says why without repeating it."""


def plain_text(data: bytes) -> bytes:
    """The text as UTF-8 without byte order mark: Notepad writes one, and PowerShell's `>` writes UTF-16."""
    encoding, at = find_mark(data)
    text = data[at:]
    return text if encoding == "utf-8" else text.decode(encoding, "replace").encode("utf-8", "replace")


def starts_like_key_log(data: bytes) -> bool:
    """Whether the first 64 KiB of a file hold a line of a key log."""
    head = plain_text(data[:HEAD])
    if any(take_lines(line, 0, 1, FORMS, {})[1] for line in head.split(b"\n", FIRST_LINES)):
        return True
    return _like_a_log().search(head.replace(b"\r", b"\n")) is not None


@functools.cache
def _like_a_log() -> re.Pattern[bytes]:
    """A line of a key log, whoever wrote it. To compile it takes as long as to read thousands of lines, and most logs begin with a usual one."""
    return re.compile(
        rb"^[ \t]*(?:(?:" + b"|".join(FORMS) + rb")[ \t]+[0-9A-Fa-f]{16}"
        rb"|(?:QUIC_)?(?:CLIENT|SERVER)_TRAFFIC_SECRET_[0-9]+[ \t]+[0-9A-Fa-f]{16}"
        rb"|RSA Session-ID:[0-9A-Fa-f]*[ \t]+Master-Key:|Master-Key:[ \t]*[0-9A-Fa-f]{16}|#[ \t]*SSL/TLS secrets log file)",
        re.MULTILINE,
    )


def read_key_log(data: bytes) -> KeyLog:
    """The secrets of a key log. Lines that hold none are told by number, up to a bound; nothing raises."""
    text = plain_text(data)
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    reader = _Reader(KeyLog())
    most = int(MOST_SECRETS.value)
    at = number = 0
    while at < len(text):
        # The last secret that there is room for is taken below, where that is told.
        at, usual = take_lines(text, at, most - len(reader.log.secrets) - 1, FORMS, reader.log.secrets)
        if at == len(text):
            break
        number += usual + 1
        end = text.find(b"\n", at) + 1 or len(text)
        try:
            reader.take(text[at:end])
        except _BadLine as error:
            reader.refuse(number, str(error))
        at = end
        if len(reader.log.secrets) >= most:
            reader.log.notes.append(
                f"line {number} and what follows was left out: {most} secrets are the limit keys.logged_secrets"
            )
            break
    return reader.finish()


class _Reader:
    """Takes a log line by line."""

    def __init__(self, log: KeyLog) -> None:
        self.log = log
        self._secrets = log.secrets
        self._bad: list[str] = []
        self._bad_lines = 0
        self._session_id = b""
        self._is_session_text = False

    def take(self, line: bytes) -> None:
        """Keep the secret of a line. Raises _BadLine."""
        words = line.split(None, 3)
        if not words or words[0].startswith(b"#"):
            return
        form = FORMS.get(words[0]) or (LATER.fullmatch(words[0]) and _Form(words[0].decode(), RANDOM, HASHES))
        if form and words[1:] and not words[1].startswith(b"Session-ID:"):
            if form.label:
                self._take_secret(form, words)
        elif not self._take_session(line[:LONGEST_LINE]):
            raise _BadLine(_describe(words))

    def _take_secret(self, form: _Form, words: list[bytes]) -> None:
        if len(words) < 3:
            raise _BadLine(f"{form.label} has 1 value, not 2")
        if len(words[2]) > LONGEST_LINE:
            raise _BadLine(f"{form.label} has a secret of {len(words[2])} digits")
        found_by, value = _unhex(form, words[1]), _unhex(form, words[2])
        if len(found_by) not in form.found_by:
            named = "an encrypted premaster secret" if form.label == "RSA" else "a client random"
            raise _BadLine(f"{form.label} names {named} by {len(found_by)} bytes, not {form.found_by[0]}")
        if form.value and len(value) not in form.value:
            wanted = " or ".join(str(length) for length in form.value)
            raise _BadLine(f"{form.label} has a secret of {len(value)} bytes, not {wanted}")
        self._secrets.setdefault((form.label, found_by), value)

    def _take_session(self, line: bytes) -> bool:
        """Keep the master secret of a session that is named by its id; False when the line says nothing of sessions."""
        if match := SESSION.fullmatch(line.strip()):
            self._take_master(match[1], match[2])
        elif match := TEXT_ID.fullmatch(line):
            self._session_id = match[1]
        elif match := TEXT_KEY.fullmatch(line):
            self._is_session_text = True
            self._take_master(self._session_id, match[1])
            self._session_id = b""
        else:
            return False
        return True

    def _take_master(self, session_id: bytes, master: bytes) -> None:
        if not session_id:
            raise _BadLine("the session has no id to be found by")
        form = _Form("RSA Session-ID", tuple(range(1, 33)), MASTER)
        name, value = _unhex(form, session_id), _unhex(form, master)
        if len(name) > 32 or len(value) != 48:
            raise _BadLine(f"a session id of {len(name)} bytes and a master secret of {len(value)}, not 48")
        self._secrets.setdefault((form.label, name), value)

    def refuse(self, number: int, why: str) -> None:
        """Note a bad line, up to the bound."""
        self._bad_lines += 1
        if len(self._bad) < MOST_NOTES:
            self._bad.append(f"line {number}: {why}")

    def finish(self) -> KeyLog:
        """The log with its notes. A program's session text holds many other lines, which are no mistakes."""
        if not (self._is_session_text and self._secrets):
            self.log.notes += self._bad
            if self._bad_lines > len(self._bad):
                self.log.notes.append(f"{self._bad_lines - len(self._bad)} further lines hold no secret")
        return self.log


def _unhex(form: _Form, digits: bytes) -> bytes:
    try:
        return unhexlify(digits)
    except (NotHexadecimal, ValueError):
        # What scripts leave behind a value, such as a backslash, spoils none: Wireshark reads up to there too.
        pure = HEXADECIMAL.match(digits)
        if pure and pure.end() < len(digits) and not pure.end() % 2:
            return unhexlify(pure[0])
        odd = "an odd number of digits" if len(digits) % 2 else "something else than hexadecimal digits"
        raise _BadLine(f"{form.label} has {odd}") from None


def _describe(words: list[bytes]) -> str:
    label = words[0][:64]
    if label in FORMS:
        return f"{label.decode()} has no values"
    return f"label {label.decode()} is not known" if HARMLESS.fullmatch(label) else "it starts with no known label"
