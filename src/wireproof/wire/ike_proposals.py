"""Proposals of IKEv1, AuthIP (RFC 2408 section 3.5) and IKEv2 (RFC 7296 section 3.3): bytes to words.

Takes the body of an SA payload; gives one line a transform (IKEv1) or proposal (IKEv2). What is cut or wrong ends the list.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from wireproof.wire.ike_names import ENCRYPTIONS, GROUPS, HASHES, METHODS, TRANSFORMS

MOST = 64
"""Lines of one SA payload; Windows offers about a dozen."""
_ESP_TRANSFORMS = {
    2: "DES",
    3: "3DES",
    11: "NULL",
    12: "AES-CBC",
    13: "AES-CTR",
    18: "AES-GCM-8",
    19: "AES-GCM-12",
    20: "AES-GCM-16",
}
_KEY_LENGTH = 14


@functools.lru_cache(maxsize=256)
def describe_proposals(body: bytes, protocol: str) -> tuple[str, ...]:
    """What an SA payload offers or accepts, one text each. The same few come again in every negotiation of a policy."""
    found: list[str] = []
    lines = _describe_ikev2(body) if protocol == "ikev2" else _describe_ikev1(body[8:])
    for line in lines:
        if len(found) == MOST:
            break
        found.append(line)
    return tuple(found)


def _parts(body: bytes, at: int) -> Iterator[bytes]:
    """Substructures with a generic header, one after the other, each without that header."""
    for _ in range(MOST):
        if at + 4 > len(body):
            return
        length = int.from_bytes(body[at + 2 : at + 4], "big")
        if length < 4:
            return
        yield body[at + 4 : at + length]
        if not body[at]:
            return
        at += length


def _describe_ikev1(body: bytes) -> Iterator[str]:
    for proposal in _parts(body, 0):
        if len(proposal) < 4:
            return
        kind, spi = proposal[1], proposal[2]
        for transform in _parts(proposal, 4 + spi):
            yield _describe_transform(kind, transform)


def _describe_transform(kind: int, transform: bytes) -> str:
    """One IKEv1 transform: protocol 1 is ISAKMP itself, others are AH (2) and ESP (3)."""
    values = _attributes(transform[4:])
    if kind != 1:
        name = {2: "AH", 3: "ESP", 4: "IPCOMP"}.get(kind, f"protocol {kind}")
        cipher = _ESP_TRANSFORMS.get(transform[1] if len(transform) > 1 else 0, str(transform[1:2].hex()))
        return " ".join([name, cipher, *([str(values[6])] if 6 in values else [])])
    named = [
        _sized(ENCRYPTIONS, values.get(1, 0), values.get(_KEY_LENGTH, 0)),
        HASHES.get(values.get(2, 0), str(values.get(2, 0))),
        GROUPS.get(values.get(4, 0), f"group {values.get(4, 0)}"),
    ]
    if 3 in values:
        named.append(METHODS.get(values[3], f"method {values[3]}"))
    return "/".join(named)


def _describe_ikev2(body: bytes) -> Iterator[str]:
    for proposal in _parts(body, 0):
        if len(proposal) < 4:
            return
        names = []
        for transform in _parts(proposal, 4 + proposal[2]):
            if len(transform) >= 4:
                size = _attributes(transform[4:]).get(_KEY_LENGTH, 0)
                names.append(_sized(TRANSFORMS.get(transform[0], {}), int.from_bytes(transform[2:4], "big"), size))
        yield "/".join(names)


def _sized(names: dict[int, str], number: int, bits: int) -> str:
    name = names.get(number, str(number))
    return f"{name}-{bits}" if bits else name


def _attributes(data: bytes) -> dict[int, int]:
    """Attributes by type, short and long ones (RFC 2408 section 3.3); of long ones the first eight bytes."""
    found: dict[int, int] = {}
    at = 0
    while at + 4 <= len(data) and len(found) < MOST:
        kind, value = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        at += 4
        if not kind & 0x8000:
            value, at = int.from_bytes(data[at : at + min(value, 8)], "big"), at + value
        found[kind & 0x7FFF] = value
    return found
