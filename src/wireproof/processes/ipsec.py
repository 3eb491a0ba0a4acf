"""The IPsec stages of DirectAccess: main mode, quick mode and protected traffic, with each of the server's tunnel endpoints.

Takes a capture as a process sees it and the inside of the client's tunnel; gives stages. The worse of two tunnels speaks for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.processes.signs import ends_of
from wireproof.processes.stage import Outcome, Stage, Step

if TYPE_CHECKING:
    from wireproof.messages.esp import EspFlow
    from wireproof.messages.ike import IkeMessage
    from wireproof.processes.sight import Sight
    from wireproof.processes.tunnel import Tunnel

POLICY_CHANGE = 13849
"""ERROR_IPSEC_IKE_POLICY_CHANGE: associations of an older policy are taken down; a client says so whenever it starts anew."""
QUICK, EXTENDED, NOTIFY = {0xF4, 32, 36}, {0xF5}, {0xF6, 5, 37}
MOST_STEPS = 14
ROUND_TRIPS = 3
"""Of main mode: proposals, keys, proof of who each side is."""

ANSWER = limit(
    "directaccess.ike_answer_s",
    7.0,
    "AuthIP repeats its first message after 3 s and again after 4; who is silent then is silent",
)
FINISH = limit(
    "directaccess.ike_finish_s", 60.0, "the responder drops a negotiation that is not finished after a minute (MS-AIPS)"
)
ESP_PACKETS, ESP_ANSWER_S = 3, 5.0

WORST = (Outcome.FAILED, Outcome.UNANSWERED, Outcome.UNDER_WAY, Outcome.DONE, Outcome.NOT_SEEN)


@dataclass(slots=True)
class Peer:
    """What passed between the client and one tunnel endpoint of the server."""

    client: str
    server: str
    messages: list[IkeMessage] = field(default_factory=list)
    flows: list[EspFlow] = field(default_factory=list)

    def of(self, kinds: set[int]) -> list[IkeMessage]:
        """Messages of some kinds of exchange."""
        return [message for message in self.messages if message.exchange in kinds]

    @property
    def main(self) -> list[IkeMessage]:
        """Messages that set up the association under which all else is said."""
        return [message for message in self.messages if message.exchange not in QUICK | NOTIFY]

    @property
    def errors(self) -> list[IkeMessage]:
        """Messages that state an error, but that of an older policy."""
        return [message for message in self.messages if message.error not in (0, POLICY_CHANGE)]

    @property
    def sent(self) -> list[EspFlow]:
        """Protected packets of the client."""
        return [flow for flow in self.flows if flow.source == self.client]

    @property
    def received(self) -> list[EspFlow]:
        """Protected packets of the server."""
        return [flow for flow in self.flows if flow.source == self.server]


def find_peers(sight: Sight, tunnel: Tunnel) -> list[Peer]:
    """Every tunnel endpoint that the client spoke with, in order of the first message."""
    inside = set(sight.packets.conversation[tunnel.rows].tolist())
    peers: dict[tuple[str, str], Peer] = {}
    messages = (message for number in inside for message in sight.said.ike.of(number))
    for message in sorted(messages, key=lambda message: (message.time_ns, message.row)):
        ends = ends_of(sight, message)
        known = peers.get((ends[1], ends[0]))  # a server may begin a negotiation too
        (known or peers.setdefault(ends, Peer(*ends))).messages.append(message)
    rows = set(tunnel.rows.tolist())
    for flow in sight.said.esp:
        ends = (flow.source, flow.destination)
        known = peers.get(ends) or peers.get((ends[1], ends[0]))
        if known is None and flow.row in rows:
            known = peers.setdefault(ends if ends[0] in tunnel.clients else (ends[1], ends[0]), Peer(*ends))
        if known is not None:
            known.flows.append(flow)
    for peer in peers.values():
        _keep_authip(peer)
        _name_initiators(sight, peer)
    return list(peers.values())


def _name_initiators(sight: Sight, peer: Peer) -> None:
    """Of a negotiation whose first message the capture lacks, the first that it has may be an answer: the client began it."""
    opened = {message.initiator_cookie for message in peer.messages if not message.responder_cookie.strip("0")}
    peer.messages = [
        message
        if message.initiator_cookie in opened or message.protocol == "ikev2"
        else replace(message, from_initiator=sight.addresses(message.conversation)[message.side] == peer.client)
        for message in peer.messages
    ]


def _keep_authip(peer: Peer) -> None:
    """Where both are tried, AuthIP is the one that DirectAccess uses."""
    authip = [message for message in peer.messages if message.protocol == "authip"]
    peer.messages = authip or peer.messages


def main_mode(sight: Sight, peers: Sequence[Peer]) -> Stage:
    """Authentication of the computers, and in AuthIP that of the user (extended mode)."""
    talked = [peer for peer in peers if peer.main or (peer.errors and not peer.of(QUICK))]
    if not talked:
        notices = [message for peer in peers for message in peer.of(NOTIFY)]
        return sight.stage("main-mode", Outcome.NOT_SEEN, _steps(notices[:2]))
    outcomes = {peer.server: _main_outcome(sight, peer) for peer in talked}
    worst = min(outcomes.values(), key=WORST.index)
    notices = [message for peer in talked for message in peer.of(NOTIFY) if message.error == POLICY_CHANGE]
    steps = [step for peer in talked for step in _steps(_telling(peer, peer.main))][: MOST_STEPS - 1] + _steps(
        notices[:1]
    )
    facts: dict[str, object] = {
        "tunnels": [_tunnel_facts(peer, outcomes[peer.server], _main_errors(peer)) for peer in talked]
    }
    return sight.stage("main-mode", worst, steps, facts, _conversations(talked))


def _main_errors(peer: Peer) -> list[IkeMessage]:
    """Errors of main mode: those that no quick mode went before."""
    quick = peer.of(QUICK)
    return [m for m in peer.errors if m.exchange not in QUICK and not (quick and quick[0].time_ns <= m.time_ns)]


def _main_outcome(sight: Sight, peer: Peer) -> Outcome:
    errors, quick = _main_errors(peer), peer.of(QUICK)
    if quick or (peer.sent and peer.received):
        return Outcome.DONE
    if errors:
        return Outcome.FAILED
    return _by_answers(sight, peer.main)


def _by_answers(sight: Sight, messages: Sequence[IkeMessage]) -> Outcome:
    """How an exchange without a stated error ended."""
    if not any(not message.from_initiator for message in messages):
        waited = sight.left_s(messages[0].row)
        return Outcome.UNANSWERED if waited >= ANSWER.value else Outcome.UNDER_WAY
    sealed = {message.from_initiator for message in messages if message.encrypted}
    new = [message.from_initiator for message in messages if not message.repeat]
    if len(sealed) == 2 or min(new.count(True), new.count(False)) >= ROUND_TRIPS:
        return Outcome.DONE
    return Outcome.FAILED if sight.left_s(messages[-1].row) >= FINISH.value else Outcome.UNDER_WAY


def quick_mode(sight: Sight, peers: Sequence[Peer]) -> Stage:
    """The associations for the traffic itself."""
    talked = [peer for peer in peers if peer.of(QUICK)]
    if not talked:
        return sight.stage("quick-mode", Outcome.NOT_SEEN)
    outcomes = {peer.server: _quick_outcome(sight, peer) for peer in talked}
    worst = min(outcomes.values(), key=WORST.index)
    steps = [step for peer in talked for step in _steps(_telling(peer, peer.of(QUICK)))][:MOST_STEPS]
    facts: dict[str, object] = {
        "tunnels": [_tunnel_facts(peer, outcomes[peer.server], _quick_errors(peer)) for peer in talked]
    }
    return sight.stage("quick-mode", worst, steps, facts, _conversations(talked))


def _quick_errors(peer: Peer) -> list[IkeMessage]:
    main = {id(message) for message in _main_errors(peer)}
    return [message for message in peer.errors if id(message) not in main]


def _quick_outcome(sight: Sight, peer: Peer) -> Outcome:
    if peer.sent and peer.received:
        return Outcome.DONE
    if _quick_errors(peer):
        return Outcome.FAILED
    quick = peer.of(QUICK)
    if len({message.from_initiator for message in quick}) == 2:
        return Outcome.DONE
    return Outcome.UNANSWERED if sight.left_s(quick[0].row) >= ANSWER.value else Outcome.UNDER_WAY


def esp_traffic(sight: Sight, peers: Sequence[Peer]) -> Stage:
    """Protected packets, by tunnel endpoint and direction."""
    carrying = [peer for peer in peers if peer.flows]
    if not carrying:
        return sight.stage("esp-traffic", Outcome.NOT_SEEN)
    steps = []
    for peer in carrying:
        steps += [Step(flow.row, f"first ESP packet to {peer.server}") for flow in peer.sent[:1]]
        steps += [Step(flow.row, f"first ESP packet from {peer.server}") for flow in peer.received[:1]]
    steps += [Step(max(flow.last_row for peer in carrying for flow in peer.flows), "last ESP packet")]
    facts: dict[str, object] = {
        "sent_packets": sum(flow.packets for peer in carrying for flow in peer.sent),
        "received_packets": sum(flow.packets for peer in carrying for flow in peer.received),
        "octets": sum(flow.octets for peer in carrying for flow in peer.flows),
        "tunnels": len(carrying),
    }
    outcome = min((_esp_outcome(sight, peer) for peer in carrying), key=WORST.index)
    return sight.stage("esp-traffic", outcome, steps, facts)


def _esp_outcome(sight: Sight, peer: Peer) -> Outcome:
    if peer.received:
        return Outcome.DONE
    enough = sum(flow.packets for flow in peer.sent) >= ESP_PACKETS
    return Outcome.UNANSWERED if enough and sight.left_s(peer.sent[0].row) >= ESP_ANSWER_S else Outcome.UNDER_WAY


def _telling(peer: Peer, messages: Sequence[IkeMessage]) -> list[IkeMessage]:
    """All messages where they are few, else the first of each side, the last one, and errors."""
    if len(messages) + len(peer.errors) < MOST_STEPS:
        return list({message.row: message for message in (*messages, *peer.errors)}.values())
    chosen = [*messages[:3], *(m for m in messages if not m.from_initiator)][:5] + list(messages[-1:]) + peer.errors[:3]
    return sorted(
        {message.row: message for message in chosen}.values(), key=lambda message: (message.time_ns, message.row)
    )


def _steps(messages: Iterable[IkeMessage]) -> list[Step]:
    return [Step(message.row, describe(message)) for message in messages]


def describe(message: IkeMessage) -> str:
    """An IKE or AuthIP message in a few words."""
    words = f"{message.exchange_name} from the {'initiator' if message.from_initiator else 'responder'}"
    if message.error:
        words += f": {message.error_name}"
    return f"{words}, again" if message.repeat else words


def _tunnel_facts(peer: Peer, outcome: Outcome, errors: Sequence[IkeMessage]) -> dict[str, object]:
    windows = {message.from_initiator: message.windows for message in peer.messages if message.windows}
    return {
        "client": peer.client,
        "server": peer.server,
        "outcome": outcome.value,
        "error": errors[-1].error if errors else 0,
        "error_name": errors[-1].error_name if errors else "",
        "extended_mode": bool(peer.of(EXTENDED)),
        "client_windows": windows.get(True, ""),
        "server_windows": windows.get(False, ""),
    }


def _conversations(peers: Iterable[Peer]) -> list[int]:
    return [message.conversation for peer in peers for message in peer.messages]
