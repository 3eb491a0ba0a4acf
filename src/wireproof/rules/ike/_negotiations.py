"""IKE messages as negotiations: all that two hosts said under one initiator cookie, on whichever port, and what went wrong in it.

Takes a case; gives one `Negotiation` a cookie and capture, and its `Trouble`. Writes no findings.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.wire.ike_names import STATUS_TYPES_FROM

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.ike import IkeMessage

SENT = limit(
    "ike-failed.sent", 2, "a single message without an answer may be the last of a peer that gave up, or of the capture"
)
WAITED = limit(
    "ike-failed.wait_s",
    3.0,
    "Windows repeats its first message after 2 s and strongSwan after 4 s; answers take milliseconds",
)
SHORT = limit(
    "ike-failed.short_bytes",
    96,
    "an encrypted notify alone takes 65 to 96 bytes, depending on the cipher; the shortest acceptance takes 97",
)

BENIGN = {
    "ERROR_SUCCESS",
    "ERROR_IPSEC_IKE_NEGOTIATION_PENDING",
    "ERROR_IPSEC_IKE_SA_DELETED",
    "ERROR_IPSEC_IKE_SA_REAPED",
    "ERROR_IPSEC_IKE_POLICY_CHANGE",
    "ERROR_IPSEC_IKE_RPC_DELETE",
    "ERROR_IPSEC_IKE_BENIGN_REINIT",
    "ERROR_IPSEC_IKE_SOFT_SA_TORN_DOWN",
    "ERROR_IPSEC_IKE_MM_LIMIT",
    "ERROR_IPSEC_IKE_QM_LIMIT",
    "ERROR_IPSEC_IKE_MM_EXPIRED",
    "ERROR_IPSEC_IKE_QM_EXPIRED",
    "ERROR_IPSEC_IKE_SHUTTING_DOWN",
    "ERROR_IPSEC_IKE_COEXISTENCE_SUPPRESS",
    "ERROR_IPSEC_IKE_DOS_COOKIE_SENT",
    "ERROR_IPSEC_KEY_MODULE_IMPERSONATION_NEGOTIATION_PENDING",
    "ERROR_IPSEC_IKE_KILL_DUMMY_NAP_TUNNEL",
    "ERROR_IPSEC_SA_LIFETIME_EXPIRED",
}
"""Windows errors with which a state is taken down in good order: a policy that changed, a lifetime that ended."""
RETRIED = {"INVALID_KE_PAYLOAD", "INVALID-KEY-INFORMATION", "TEMPORARY_FAILURE", "INVALID_GROUP_ID"}
"""Notifies that ask the initiator to come again in another way (RFC 7296 sections 1.2 and 2.25)."""
COEXISTENCE_S = 10.0
"""Windows begins IKEv1 and AuthIP within a second or two of each other (MS-AIPS 3.2.4)."""
ONE_WAY = {"informational", "notify"}
"""Exchanges of IKEv1 and AuthIP that nobody answers."""


@dataclass(frozen=True, slots=True)
class Negotiation:
    """Messages of one cookie at one point, in order of time."""

    point: Point
    messages: tuple[IkeMessage, ...]

    @property
    def first(self) -> IkeMessage:
        """Its first message."""
        return self.messages[0]

    def address(self, message: IkeMessage, *, of_sender: bool = True) -> str:
        """The address of a message's sender or receiver."""
        return self.point.talk(message.conversation).address(message.side if of_sender else 1 - message.side)

    def endpoint(self, message: IkeMessage, *, of_sender: bool = True) -> str:
        """`address:port` of a message's sender or receiver."""
        return self.point.talk(message.conversation).endpoint(message.side if of_sender else 1 - message.side)

    @property
    def pair(self) -> frozenset[str]:
        """Both addresses."""
        return frozenset((self.address(self.first), self.address(self.first, of_sender=False)))

    @property
    def answered(self) -> bool:
        """Whether both sides spoke."""
        return len({message.from_initiator for message in self.messages}) > 1

    @property
    def established_ns(self) -> int:
        """When the last exchange began that needs keys agreed on before (an answered IKE_AUTH, a quick mode); 0 when none did.

        A repeated request begins none: it tells of trouble, not of an agreement.
        """
        late = [message.time_ns for message in self.messages if _is_late(message) and not message.repeat]
        return max(late, default=0)

    @property
    def conversations(self) -> list[int]:
        """The conversations that it took, in order."""
        return list(dict.fromkeys(message.conversation for message in self.messages))


def _is_late(message: IkeMessage) -> bool:
    if message.protocol == "ikev2":
        return message.is_response and message.encrypted
    return message.encrypted and message.exchange_name in {"quick mode", "extended mode"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong in a negotiation.

    `kind` is `refused` (an error was told), `silent` (requests got no answer), `unheard` (answers came, and the request was
    repeated all the same) or `hidden` (the answer is encrypted, and can't be an acceptance). `messages` are the error or such
    answers, else all copies of the request. `name` is the error or the exchange. `others` are answers to a request that was unheard,
    and else copies of the request.
    """

    negotiation: Negotiation
    kind: str
    name: str
    messages: tuple[IkeMessage, ...]
    others: tuple[IkeMessage, ...] = ()


class Pairs:
    """What is known of all negotiations between the same two hosts."""

    def __init__(self, negotiations: Iterable[Negotiation]) -> None:
        self._established: dict[frozenset[str], int] = defaultdict(int)
        self._answered: dict[frozenset[str], list[int]] = defaultdict(list)
        for negotiation in negotiations:
            pair = negotiation.pair
            self._established[pair] = max(self._established[pair], negotiation.established_ns)
            if negotiation.answered:
                self._answered[pair].append(negotiation.first.time_ns)
        for times in self._answered.values():
            times.sort()

    def has_twin(self, negotiation: Negotiation) -> bool:
        """Whether two hosts began another negotiation at the same time as one without an answer, which got an answer."""
        begun, apart = negotiation.first.time_ns, round(COEXISTENCE_S * 1e9)
        times = self._answered.get(negotiation.pair, [])
        return bisect.bisect_right(times, begun + apart) > bisect.bisect_left(times, begun - apart)

    def agreed_after(self, trouble: Trouble) -> bool:
        """Whether the two hosts came to an agreement after something went wrong between them."""
        return self._established[trouble.negotiation.pair] > trouble.messages[0].time_ns


def find_negotiations(case: Case) -> list[Negotiation]:
    """All negotiations of all points."""
    found = []
    for point in case.points:
        if not len(point.said.protocols.udp["ike"]):
            continue
        by_cookie: dict[str, list[IkeMessage]] = defaultdict(list)
        for message in point.said.ike:
            by_cookie[message.initiator_cookie].append(message)
        for messages in by_cookie.values():
            ordered = sorted(messages, key=lambda message: message.time_ns)
            found.append(Negotiation(point, tuple(ordered)))
    return found


def find_trouble(negotiation: Negotiation) -> Trouble | None:
    """The first thing that went wrong in a negotiation, if anything did."""
    return _refusal(negotiation) or _silence(negotiation) or _hidden_refusal(negotiation)


def _refusal(negotiation: Negotiation) -> Trouble | None:
    for place, message in enumerate(negotiation.messages):
        name = error_told(message)
        if not name:
            continue
        # Asked to come again, the initiator does so under the same cookie.
        if name in RETRIED and any(
            later.from_initiator != message.from_initiator for later in negotiation.messages[place + 1 :]
        ):
            continue
        return Trouble(negotiation, "refused", name, (message,))
    return None


def _hidden_refusal(negotiation: Negotiation) -> Trouble | None:
    """The answer to the first IKE_AUTH where it can't hold identity and proof (RFC 7296 section 2.21.2), and nothing came of it."""
    for place, message in enumerate(negotiation.messages):
        if message.exchange_name == "IKE_AUTH" and message.message_id == 1 and message.is_response:
            short = message.length <= SHORT.value and message.payloads[-1:] == ("SK",)
            later = negotiation.messages[place + 1 :]
            went_on = any(m.exchange_name in {"IKE_AUTH", "CREATE_CHILD_SA"} and m.message_id != 1 for m in later)
            return Trouble(negotiation, "hidden", "IKE_AUTH", (message,)) if short and not went_on else None
    return None


def error_told(message: IkeMessage) -> str:
    """The error that a message tells of in clear, empty for none."""
    if message.error:
        return "" if message.error_name in BENIGN else message.error_name
    for kind, name in zip(message.notify_types, message.notifies, strict=True):
        if 0 < kind < STATUS_TYPES_FROM:
            return name
    return ""


def _silence(negotiation: Negotiation) -> Trouble | None:
    said = _Said(negotiation.messages)
    end_ns = int(negotiation.point.packets.time_ns.max())
    for copies in _requests(negotiation.messages):
        first, last = copies[0], copies[-1]
        if len(copies) < SENT.value or (end_ns - first.time_ns) / 1e9 < WAITED.value:
            continue
        answers = said.answers(first)
        if not answers:
            asides = _asides(negotiation.messages, first)
            kind, told = ("hidden", asides) if asides else ("silent", copies)
            return Trouble(negotiation, kind, first.exchange_name, tuple(told), tuple(copies))
        # A copy that crossed its answer is nothing; one that follows it shows that the answer was not heard.
        after = [copy for copy in copies if copy.time_ns - answers[0].time_ns > 1e9]
        if len(after) >= SENT.value and last.time_ns > answers[0].time_ns and not said.went_on(first, answers[0]):
            return Trouble(negotiation, "unheard", first.exchange_name, tuple(copies), tuple(answers))
    return None


class _Said:
    """Who said what in a negotiation, by exchange and message id."""

    def __init__(self, messages: Iterable[IkeMessage]) -> None:
        self._by_turn: dict[tuple[int, int, bool], list[IkeMessage]] = defaultdict(list)
        self._last_new: dict[bool, int] = {True: 0, False: 0}
        for message in messages:
            self._by_turn[message.exchange, message.message_id, message.from_initiator].append(message)
            if not message.repeat:
                self._last_new[message.from_initiator] = message.time_ns

    def answers(self, request: IkeMessage) -> list[IkeMessage]:
        """What the other side said to a request."""
        theirs = self._by_turn.get((request.exchange, request.message_id, not request.from_initiator), [])
        if request.protocol == "ikev2":
            return [message for message in theirs if message.is_response]
        return [message for message in theirs if message.time_ns >= request.time_ns and not message.repeat]

    def went_on(self, request: IkeMessage, answer: IkeMessage) -> bool:
        """Whether the sender of a request said something new after its answer."""
        return self._last_new[request.from_initiator] > answer.time_ns


def _requests(messages: Iterable[IkeMessage]) -> list[list[IkeMessage]]:
    """Copies of each message that wants an answer, in order of the first."""
    found: dict[int, list[IkeMessage]] = {}
    for message in messages:
        if message.is_response and message.protocol == "ikev2":
            continue
        if message.protocol != "ikev2" and message.exchange_name in ONE_WAY:
            continue
        if not message.repeat:
            found[message.row] = [message]
        elif message.copy_of in found:
            found[message.copy_of].append(message)
    return list(found.values())


def _asides(messages: tuple[IkeMessage, ...], request: IkeMessage) -> list[IkeMessage]:
    """Encrypted informational messages of the other side after an encrypted request of IKEv1, which it should have answered."""
    if request.protocol == "ikev2" or not request.encrypted:
        return []
    theirs = (m for m in messages if m.from_initiator != request.from_initiator and m.time_ns >= request.time_ns)
    return [message for message in theirs if message.exchange_name in ONE_WAY and message.encrypted]
