"""Short words for sessions: reasons, states, suites, what opened how many.

Takes plain values; gives text. Knows no case and no format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from wireproof.decrypt.keys.ring import KeyKind
from wireproof.decrypt.outcome import Reason, Status
from wireproof.report.words import count
from wireproof.wire.tls_suites import suite_name

if TYPE_CHECKING:
    from wireproof.report.sessions.keys import KeyItem
    from wireproof.report.sessions.outcome import Written
    from wireproof.report.sessions.table import SessionRow, SessionTable

REASONS = {
    Reason.NO_KEY: "no key",
    Reason.FORWARD_SECRECY: "forward secrecy",
    Reason.OTHER_KEY: "another key",
    Reason.WRONG_SECRET: "wrong secret",
    Reason.RESUMED: "resumed",
    Reason.NO_HANDSHAKE: "no handshake",
    Reason.NOT_FINISHED: "not finished",
    Reason.MISSING_BYTES: "bytes missing",
    Reason.TAMPERED: "damaged",
    Reason.UNKNOWN_SUITE: "unknown suite",
    Reason.TOO_MUCH: "limit reached",
    Reason.NONE: "",
}
"""Each reason in a table's cell."""
SIGNS = {Status.DECRYPTED: "✓", Status.PARTLY: "◐", Status.CLOSED: "✕"}
"""A sign for each state, so that colour is never the only one."""
NO_KEY_NEEDED = "no key needed"
EMBEDDED = " (embedded)"
"""How the name of a source ends that is a block of secrets in a capture."""
AEAD = ("_GCM_", "_CCM", "_POLY1305_")
FAMILIES = ("TLS", "DTLS", "QUIC")
MOST_NUMBERS = 6


def suite_title(suite: int) -> str:
    """Key exchange and cipher of a suite: `ECDHE_RSA AES_128_GCM`; of TLS 1.3 the cipher. Only where a hash protects records it is named."""
    exchange, between, cipher = suite_name(suite).removeprefix("TLS_").rpartition("_WITH_")
    if any(mark in cipher for mark in AEAD) or not between:
        cipher = cipher.removesuffix("_SHA256").removesuffix("_SHA384")
    return f"{exchange} {cipher}".strip()


def name_briefly(names: Iterable[str]) -> dict[str, str]:
    """Each source of keys to the shortest name that no other has: `embedded` for secrets in the capture, a file's last part, the whole."""
    every = list(dict.fromkeys(names))
    found: dict[str, str] = {}
    for shorten in (_last_of_all, _last_part, str):
        short = {name: shorten(name) for name in every if name not in found}
        counts = Counter(map(shorten, every))
        found |= {name: title for name, title in short.items() if counts[title] == 1}
    return found


def _last_of_all(name: str) -> str:
    return "embedded" if name.endswith(EMBEDDED) else _last_part(name)


def _last_part(name: str) -> str:
    return re.split(r"[/\\]", name)[-1] or name


def share(table: SessionTable) -> str:
    """`14 of 17 TLS sessions decrypted, 1 of them in part`."""
    partly = table.count(Status.PARTLY)
    lead = f"{table.opened:,} of {count(len(table.rows), f'{families(table)} session')} decrypted"
    if not table.rows:
        return "no TLS session"
    if not partly:
        return lead
    return f"{lead}, {'that one' if table.opened == 1 else f'{partly:,} of them'} in part"


def families(table: SessionTable) -> str:
    """`TLS`, `DTLS`, `TLS and DTLS`: what the sessions are."""
    found = {kind.family for kind in table.counts}
    *others, last = [name for name in FAMILIES if name in found] or ["TLS"]
    return f"{', '.join(others)} and {last}" if others else last


def version(row: SessionRow) -> str:
    """The version that both agreed on; of QUIC, which has TLS 1.3 inside, its own name."""
    return "QUIC" if row.family == "QUIC" else row.version


def openers(table: SessionTable) -> str:
    """`server.pfx: 9, keys.log: 5`: what opened how many sessions."""
    return ", ".join(f"{name or NO_KEY_NEEDED}: {number:,}" for name, number in table.openers.items())


def closed(table: SessionTable) -> str:
    """`3 closed: 2 forward secrecy, 1 resumed`; "" where none is."""
    counts = table.closed
    if not counts:
        return ""
    told = ", ".join(f"{number:,} {REASONS[reason]}" for reason, number in counts.most_common() if REASONS[reason])
    return f"{counts.total():,} closed" + (f": {told}" if told else "")


def headline(table: SessionTable) -> str:
    """Everything in one sentence: how many were decrypted, by what, and why the others were not."""
    if table.failed:
        return "TLS sessions could not be looked at; the notes say why"
    if not table.complete:
        return f"{count(table.opened, 'TLS session')} under a suite that encrypts nothing, read without a key"
    by = openers(table)
    return "; ".join(filter(None, [share(table) + (f" ({by})" if by else ""), closed(table)]))


def left_out(table: SessionTable, shown: Sequence[SessionRow]) -> str:
    """`9,000 decrypted, 12 closed`: how many sessions of each state are not among those shown; "" for none."""
    counts = {status: table.count(status) - sum(row.status is status for row in shown) for status in Status}
    return ", ".join(f"{number:,} {status.value}" for status, number in counts.items() if number)


def named_server(row: SessionRow) -> str:
    """The server by the name that the client asked for, with its port; by its address where it asked for none."""
    if not row.server_name:
        return row.server
    return f"{row.server_name}:{row.server.rpartition(':')[2]}"


def told(row: SessionRow) -> str:
    """What opened a session and what was special, or why it stayed closed."""
    around = f"in {row.inside}" if row.inside and row.family == "TLS" else ""
    if not row.opened:
        return ", ".join(filter(None, [REASONS[row.reason], around]))
    parts = [row.key_title or (NO_KEY_NEEDED if row.encrypts_nothing else "")]
    if row.reason is not Reason.NONE:
        parts.append(REASONS[row.reason])
    if row.unread:
        parts.append(f"{count(row.unread, 'record')} unread")
    if row.resumed:
        parts.append("resumed")
    if row.sessions > 1:
        parts.append(f"{row.sessions} sessions")
    elif row.handshakes > 1:
        parts.append("renegotiated")
    return ", ".join(filter(None, [*parts, around]))


def numbers(values: Iterable[int]) -> str:
    """`session 3`, `sessions 3, 4 and 7`, `sessions 1, 2, 3, 4, 5, 6 and 90 more`."""
    every = list(values)
    return f"session{'s' if every[1:] else ''} {join_numbers(every)}"


def join_numbers(values: Sequence[int | str]) -> str:
    """`3`, `3, 4 and 7`, `1, 2, 3, 4, 5, 6 and 90 more`."""
    *others, last = values
    if len(others) > MOST_NUMBERS:
        others, last = list(values[:MOST_NUMBERS]), f"{len(values) - MOST_NUMBERS:,} more"
    return f"{', '.join(map(str, others))} and {last}" if others else str(last)


def unused(key: KeyItem) -> str:
    """Why a source of keys opened no session; "" for one that opened some."""
    if key.opened:
        return ""
    if not key.sessions:
        return "there is no TLS session"
    if not key.count:
        return "it holds nothing that opens one"
    if key.kind != KeyKind.PRIVATE_KEY:
        return "none of its secrets opened a session here"
    if not key.certified:
        return "its key belongs to no certificate in the capture"
    if key.reasons and not any(key.reasons):
        return "its certificate is here, and other keys opened every session with it"
    which = "the one session" if key.certified == 1 else f"all {key.certified:,} sessions"
    words = " or ".join(REASONS[reason] for reason in key.reasons if REASONS[reason])
    return f"its certificate is here, but {which} with it stayed closed" + (f" ({words})" if words else "")


def told_written(written: Written) -> str:
    """`1,204 frames, 302 of them in clear for 14 conversations; 7 credentials blanked; left out: 3 cut short`."""
    done = written.exported
    parts = [
        f"{count(done.frames, 'frame')}, {done.clear:,} of them in clear for {count(done.conversations, 'conversation')}"
        + (f", {done.inner:,} from inside tunnels" if done.inner else "")
    ]
    if done.redacted:
        parts.append(f"{count(done.redacted, 'credential')} blanked")
    left_out_frames = [f"{number:,} {why}" for why, number in done.left_out.most_common() if number]
    if left_out_frames:
        parts.append(f"left out: {', '.join(left_out_frames)}")
    return "; ".join(parts)
