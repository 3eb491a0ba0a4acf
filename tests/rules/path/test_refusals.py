"""Attempts refused in the name of a host that never heard of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from examples.packets import TCP
from tests.support.alignments import questions, short_path
from tests.support.path import Onward, Packet, World
from tests.support.talk import Host, Reset, Send, Talk
from tests.support.verdicts import judge, make_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

CLIENT, SERVER = Host("10.1.1.9"), Host("10.1.2.8")


class Refuse:
    """A firewall that answers SYNs to a port with a reset in the server's name."""

    def __init__(self, port: int) -> None:
        self.port = port

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Answer or pass on."""
        del now_ns
        segment = packet.upper
        if not upward or not isinstance(segment, TCP) or segment.target != self.port:
            return [Onward(packet, upward)]
        reset = TCP(self.port, segment.source, 0, segment.seq + 1, "RA", 0)
        return [Onward(replace(packet, source=packet.target, target=packet.source, upper=reset, ttl=254), upward=False)]


def case_of(folder: Path, *between: Refuse) -> Case:
    world = World(short_path(*between))
    for turn in range(6):
        Talk(world, CLIENT, SERVER, questions(2, f"topic {turn}"), (52000 + turn, 8081), 4.0 * turn)
    for turn in range(3):
        steps = [Send("client", 20)] if between else [Send("client", 20), Reset("server")]
        Talk(world, CLIENT, SERVER, steps, (50001 + turn, 443), 1.0 + turn)
    return make_case(folder, world.captures())


def test_refusals_that_the_host_never_sent_are_one_finding(tmp_path: Path) -> None:
    findings = [one for one in judge(case_of(tmp_path, Refuse(443))).findings if one.rule == "path-forged-reset"]
    assert [one.title for one in findings] == [
        "3 connection attempts to 10.1.2.8:443 refused between client and server"
    ]
    (finding,) = findings
    assert (finding.severity, finding.confidence, finding.toward) == (Severity.ERROR, Confidence.MEDIUM, "client")
    assert [piece.mark for piece in finding.evidence] == ["lost", "forged"] * 3
    assert finding.facts == {"resets": 3, "reset_ttl": [253]}


def test_the_refusal_leads_and_explains_the_refused_connections(tmp_path: Path) -> None:
    findings = judge(case_of(tmp_path, Refuse(443))).findings
    by_id = {finding.id: finding.rule for finding in findings}
    forged = next(finding for finding in findings if finding.rule == "path-forged-reset")
    assert {"tcp-connection-refused", "path-loss"} <= {by_id[one] for one in forged.explains}


def test_the_hosts_own_resets_are_no_refusal_on_the_way(tmp_path: Path) -> None:
    assert judge(case_of(tmp_path), "path-forged-reset").findings == []
