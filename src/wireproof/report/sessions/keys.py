"""What each source of keys was good for: the sessions that it opened, or what kept it from opening any.

Takes session rows and the ring of keys; gives `KeyItem`s. Knows names of keys and their public halves, and tells nothing else of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.outcome import Reason
    from wireproof.report.sessions.table import SessionRows


@dataclass(frozen=True, slots=True)
class KeyItem:
    """One source of keys, its name and a short one: `count` keys or secrets, of which some `opened` so many sessions among `sessions` in all.

    Of a private key, `certified` counts the sessions in which the server showed a certificate of it, and `reasons` say why none opened.
    """

    name: str
    title: str
    kind: str
    count: int
    sessions: int
    opened: int
    certified: int = 0
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()


def make_keys(point: Point, rows: SessionRows, ring: KeyRing | None, titles: Mapping[str, str]) -> tuple[KeyItem, ...]:
    """Every source with the sessions that it opened."""
    if ring is None:
        return ()
    opened = Counter(kind.key for kind in rows.kinds if kind.opened and kind.key)
    keys = []
    for source in ring.sources:
        item = KeyItem(
            source.name,
            titles[source.name],
            source.kind.value,
            source.count,
            len(rows),
            opened[source.name],
            notes=tuple(source.notes),
        )
        moduli = [key.modulus for key in ring.private_keys if key.source == source.name]
        keys.append(item if item.opened or not moduli or not rows else _look_for_certificate(point, rows, item, moduli))
    return tuple(keys)


def _look_for_certificate(point: Point, rows: SessionRows, item: KeyItem, moduli: Iterable[int]) -> KeyItem:
    """A private key that opened nothing, with the sessions whose server showed its certificate.

    An RSA modulus stands in a certificate's DER as it is (RFC 8017 appendix A.1.1).
    """
    wanted = [modulus.to_bytes((modulus.bit_length() + 7) // 8, "big") for modulus in moduli]
    certified = {
        number
        for number, session in point.said.tls_sessions.items()
        if session.certificates and any(key in session.certificates[0].der for key in wanted)
    }
    reasons = dict.fromkeys(row.reason for row in rows if row.conversation in certified)
    return replace(item, certified=len(certified), reasons=tuple(reasons))


def sum_keys(keys: Iterable[KeyItem]) -> list[KeyItem]:
    """The sources of several captures that were read with one set of keys, each once with what it opened in all."""
    summed: dict[str, KeyItem] = {}
    for key in keys:
        before = summed.get(key.name)
        summed[key.name] = (
            key
            if before is None
            else replace(
                before,
                sessions=before.sessions + key.sessions,
                opened=before.opened + key.opened,
                certified=before.certified + key.certified,
                reasons=tuple(dict.fromkeys((*before.reasons, *key.reasons))),
            )
        )
    return list(summed.values())
