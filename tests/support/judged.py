"""Cases with findings written by hand, for tests of reports: they hold whatever the rules say today.

Takes folders to write captures into; gives cases, findings and outlines.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from examples import lync
from tests.cases import d1_sccm, d6_lync_signin
from tests.cases.healthy import write_points
from tests.support.middleboxes import Lose, SourceNat, data_numbers
from tests.support.path import Link, Part, World
from tests.support.path import Point as CapturePoint
from tests.support.talk import Close, Host, Send, Step
from tests.support.talk import Talk as PlayedTalk
from wireproof.case import Case, Point
from wireproof.conversations import read_capture
from wireproof.finding import Confidence, Evidence, Finding, Severity, Talk


def open_case(paths: Mapping[str, Path], title: str = "") -> Case:
    """A case of captures by point name; their files stay open, since reports fetch frames."""
    return Case([Point(name, str(path), read_capture(path)) for name, path in paths.items()], title=title)


@contextlib.contextmanager
def closing(case: Case) -> Iterator[Case]:
    """The case, whose files are closed afterwards."""
    try:
        yield case
    finally:
        for point in case.points:
            point.capture.close()


def conversation(case: Case, name: str, frame: int) -> tuple[str, int]:
    """The (capture, conversation) that a frame belongs to."""
    return name, int(case.point(name).packets.conversation[frame - 1])


def plain_finding(
    case: Case, evidence: Sequence[Evidence], title: str = "Something is odd", **fields: object
) -> Finding:
    """A finding about the conversations of its evidence."""
    talks = dict.fromkeys(conversation(case, item.capture, item.frame) for item in evidence if item.frame)
    values: dict[str, object] = {
        "rule": "path-loss", "severity": Severity.ERROR, "confidence": Confidence.HIGH, "title": title,
        "summary": f"{title}.", "evidence": list(evidence), "conversations": list(talks),
    }  # fmt: skip
    return Finding(**(values | fields))  # type: ignore[arg-type]


def sccm_case(folder: Path) -> Case:
    """D1: one full-size segment and its five repeats are lost between client and server."""
    return open_case(d1_sccm.build(folder), "SCCM agent without policy")


def sccm_findings(case: Case) -> list[Finding]:
    """Black hole, which explains the loss, which explains the retransmissions."""
    lost = [Evidence("client", frame, "never arrives", "lost") for frame in d1_sccm.LOST_FRAMES]
    talk = Talk("tcp", *d1_sccm.EXPECT["conversation"])  # type: ignore[misc]
    blackhole = plain_finding(
        case,
        [
            Evidence("client", 1920, "281 bytes, arrives"),
            *lost,
            Evidence("server", 13611, "586 bytes, arrives", "seen"),
        ],
        "Only full-size segments are lost between client and server",
        rule="path-mtu-blackhole",
        confidence=Confidence.MEDIUM,
        where="between client and server",
        toward="server",
        talk=talk,
        facts={"lost_packets": 6, "lost_bytes": 1460, "span_s": 80.84, "sizes_passed": [281, 586]},
        fix=["Find the size that passes: `ping -f -l 1472 172.16.1.1`, then smaller."],
        references=["RFC 4821", "RFC 1191 section 4", "KB 314496"],
        filters={"client": "ip.addr==10.1.1.1 && tcp.port==1099"},
    )
    loss = plain_finding(case, lost, "6 packets are lost between client and server", toward="server", talk=talk)
    repeats = plain_finding(
        case,
        [Evidence("client", frame) for frame in d1_sccm.LOST_FRAMES[1:]],
        "One segment is sent six times",
        rule="tcp-retransmission",
        severity=Severity.WARNING,
        toward="server",
        talk=talk,
    )
    blackhole.explains, loss.explains = [loss.id], [repeats.id]
    return [blackhole, loss, repeats]


def lync_case(folder: Path) -> Case:
    """D6: SYN/ACKs of the Front End are lost, and resets in the Edge's name are made on the way."""
    return open_case(d6_lync_signin.build(folder), "Lync sign-in")


def forged_resets(case: Case) -> Finding:
    """The resets that the Edge never sent."""
    evidence = [Evidence("edge", frame, "SYN") for frame in lync.EDGE_NUMBERS]
    evidence += [
        Evidence("frontend", numbers[2], "never sent by the Edge", "forged") for numbers in lync.FRONT_END_NUMBERS
    ]
    return plain_finding(case, evidence, "Resets are forged", rule="path-forged-reset", toward="server")


def routed_case(folder: Path) -> Case:
    """Three points with NAT behind the first, two segments lost behind the second, and segments joined at the third."""
    lossy = Lose(data_numbers(True, 5, 6))
    points = [
        CapturePoint("client", at="client"),
        Link(2),
        SourceNat("203.0.113.9"),
        CapturePoint("wan", offset_s=5.0),
        Link(10),
        lossy,
        CapturePoint("server", at="server", offset_s=-3.2, merge_received=True),
    ]
    steps = [Send("client", 30_000), Send("server", 6_000, 50), Close("client", 3000)]
    return simulated_case(folder, points, steps)


def simulated_case(folder: Path, path: Sequence[Part], steps: Sequence[Step]) -> Case:
    """What the capture points of a path show of one conversation."""
    world = World(list(path))
    PlayedTalk(world, Host("10.20.0.11"), Host("198.51.100.7"), list(steps))
    return open_case(write_points(folder, world))
