"""What is said of an IKE negotiation that failed: its title, what happened, and what the other captures show of it.

Takes a `Trouble`; gives sentences. Decides nothing.
"""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from wireproof.rules.evidence import count, joined, seconds

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.ike import IkeMessage
    from wireproof.rules.ike._negotiations import Negotiation, Trouble

TOLD = {"refused", "hidden"}
"""Kinds of trouble in which the message named is the peer's answer."""
FRAGMENTED = 1280
"""Messages longer than this may not fit one packet on a tunnel (the least MTU of IPv6)."""
PROTOCOLS = {"ikev1": "IKE", "ikev2": "IKEv2", "authip": "AuthIP"}


def name_trouble(trouble: Trouble) -> str:
    """The trouble in one line."""
    negotiation, first = trouble.negotiation, trouble.messages[0]
    protocol = PROTOCOLS[first.protocol]
    if trouble.kind == "refused":
        return f"{negotiation.endpoint(first)} ended the {protocol} negotiation with {trouble.name}"
    if trouble.kind == "hidden":
        return f"{negotiation.endpoint(first)} seems to refuse {protocol} {trouble.name}: what it answers, encrypted, is no acceptance"
    peer = negotiation.endpoint(first, of_sender=False)
    if trouble.kind == "unheard":
        return f"{negotiation.endpoint(first)} does not take in the answers of {peer} in {protocol} {trouble.name}"
    again = " any more" if negotiation.answered else ""
    return f"{peer} does not answer {protocol} {trouble.name}{again} ({count(len(trouble.messages), 'attempt')})"


def describe(trouble: Trouble) -> str:
    """The trouble in sentences."""
    if trouble.kind == "refused":
        return _told(trouble)
    if trouble.kind == "hidden":
        return _told_in_secret(trouble)
    negotiation, first, last = trouble.negotiation, trouble.messages[0], trouble.messages[-1]
    peer = negotiation.endpoint(first, of_sender=False)
    text = (
        f"{negotiation.endpoint(first)} sent the same {first.exchange_name} message of {first.length:,} bytes {count(len(trouble.messages), 'time')} "
        f"within {seconds((last.time_ns - first.time_ns) / 1e9)} (waiting {joined(_gaps(trouble.messages), 6)}). "
    )
    if trouble.kind == "unheard":
        text += f"{peer} answered in this capture, yet the request came again: the answers do not get to its sender, or it can't use them."
        return text + _hint(negotiation, trouble.others[0])
    if not negotiation.answered:
        return text + f"Nothing in this capture comes from {peer} in this negotiation."
    return text + f"Earlier messages of this negotiation were answered by {peer}." + _hint(negotiation, first)


def _hint(negotiation: Negotiation, message: IkeMessage) -> str:
    """What sets a message that does not get through apart from those that did."""
    if is_floated(negotiation, message):
        return " It is the first on UDP 4500, to which both went because of a NAT: UDP 4500 does not get through."
    if message.length > FRAGMENTED:
        return f" With {message.length:,} bytes it is too long for one packet of every path: its fragments may be dropped on the way."
    return ""


def _told(trouble: Trouble) -> str:
    """What a refusal says, and after which message of the other side."""
    negotiation, message = trouble.negotiation, trouble.messages[0]
    code = f" ({message.error}, 0x{message.error:04x})" if message.error else ""
    told = "NOTIFY_STATUS with the Windows error " if message.error else ""
    before = [
        m for m in negotiation.messages if m.time_ns <= message.time_ns and m.from_initiator != message.from_initiator
    ]
    text = f"{negotiation.endpoint(message)} sent {told}{trouble.name}{code} in {message.exchange_name}"
    if before:
        text += f", {seconds((message.time_ns - before[-1].time_ns) / 1e9)} after {before[-1].exchange_name} of {negotiation.endpoint(before[-1])}"
    offered = next((m.proposals for m in negotiation.messages if m.proposals and m.from_initiator), ())
    if offered and "PROPOSAL" in trouble.name.replace("-", "_") + "_":
        text += f". The initiator offered: {joined(offered, 6)}"
    return text + "."


def _told_in_secret(trouble: Trouble) -> str:
    negotiation, answer = trouble.negotiation, trouble.messages[0]
    if answer.protocol != "ikev2":
        asides = count(len(trouble.messages), "encrypted informational message")
        return (
            f"{negotiation.endpoint(answer, of_sender=False)} sent its encrypted {trouble.name} message {count(len(trouble.others), 'time')}. "
            f"{negotiation.endpoint(answer)} never answered it, and sent {asides} instead, which tell of an error. "
            "Pre-shared keys that differ look like this: neither side can read what the other encrypts."
        )
    return (
        f"{negotiation.endpoint(answer)} answered IKE_AUTH with {answer.length} bytes. It is encrypted, but an acceptance holds identity, proof and more and "
        "takes at least 97 bytes: there is room for an error only. Nothing further followed in this negotiation."
    )


def is_floated(negotiation: Negotiation, message: IkeMessage) -> bool:
    """Whether a message is the first on port 4500 of a negotiation that began on another."""
    earlier = [m for m in negotiation.messages if m.time_ns < message.time_ns]
    return message.encapsulated and bool(earlier) and not any(m.encapsulated for m in earlier)


def _gaps(messages: tuple[IkeMessage, ...]) -> list[str]:
    times = [message.time_ns for message in messages]
    return [seconds(round((after - before) / 1e9, 1)) for before, after in itertools.pairwise(times)]


class Sights:
    """What each capture of a case shows of each negotiation."""

    def __init__(self, case: Case, negotiations: Iterable[Negotiation]) -> None:
        self.points = case.points
        self._seen = {(one.point.index, one.first.initiator_cookie): one for one in negotiations}
        self._shown: dict[tuple[int, str], bool] = {}

    def of(self, point: Point, cookie: str) -> Negotiation | None:
        """A negotiation as a capture shows it."""
        return self._seen.get((point.index, cookie))

    def shows(self, point: Point, address: str) -> bool:
        """Whether a capture has any packet from or to an address."""
        key = (point.index, address)
        if key not in self._shown:
            raw = ipaddress.ip_address(address).packed
            wanted = np.frombuffer(raw if len(raw) == 16 else bytes(10) + b"\xff\xff" + raw, np.uint8)
            both = np.frombuffer(point.conversations.facts["addresses"].tobytes(), np.uint8).reshape(-1, 2, 16)
            self._shown[key] = bool((both == wanted).all(axis=2).any())
        return self._shown[key]


def describe_elsewhere(sights: Sights, trouble: Trouble) -> str:
    """What the other captures of the case show of messages that got no answer, or whose answers were not heard."""
    if trouble.kind in TOLD:
        return ""
    first, peer = trouble.messages[0], trouble.negotiation.address(trouble.messages[0], of_sender=False)
    blank, unanswered = [], []
    for point in sights.points:
        if point is trouble.negotiation.point or not point.packets.count:
            continue
        seen = sights.of(point, first.initiator_cookie)
        if seen and not seen.answered:
            unanswered.append(point.name)
        elif not seen and _is_running(point, first.time_ns) and sights.shows(point, peer):
            blank.append(point.name)
    text = (
        f" {joined(blank)} shows none of these messages, though it has packets of {peer}: they are lost before it."
        if blank
        else ""
    )
    if trouble.kind == "unheard" and unanswered:
        text += f" {joined(unanswered)} has the requests and none of the answers: the answers are lost on the way."
    return text


def _is_running(point: Point, time_ns: int) -> bool:
    """Whether a capture was being taken at a time."""
    return bool(point.packets.time_ns[0] <= time_ns <= point.packets.time_ns[point.packets.frames - 1])
