"""Unanswered SYNs that another capture should hold: when it says that they die before it, and when it proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from tests.cases import d14_iphttps
from tests.support.scripted import Row, frames
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Finding

RULE = "tcp-syn-unanswered"
CLIENT, SERVER = ("10.0.0.1", 50001), ("203.0.113.1", 443)
SYNS = [Row(at, "c", "S") for at in (20, 23, 29)]
OTHER_TTL = 118
"""Of a server some hops away: its capture is then not told by its TTL."""


def other_client(turn: int, at_s: float, ttl: int = OTHER_TTL, *, leaving: bool = False) -> list[Frame]:
    """A connection of another client with its own sequence numbers, as the server's side or (`leaving`) the client itself captures it."""
    client, isn = "" if leaving else f"02:00:00:00:01:{turn:02x}", 5000 + turn * 1000
    # What leaves a client goes to one gateway, and its answers may come from another one.
    server = f"02:00:00:00:02:{turn:02x}" if leaving else ""
    rows = [
        Row(at_s, "c", "S", isn, mac=client),
        Row(at_s + 0.02, "s", "SA", 0, isn + 1, ttl=ttl, mac=server),
        Row(at_s + 0.03, "c", "A", isn + 1, 1, mac=client),
    ]
    return frames(rows, ("198.51.100.9" if leaving else f"198.51.100.{turn}", 40000 + turn), SERVER)


def others(ttl: int = OTHER_TTL, first_s: int = 0, last_s: int = 60, *, leaving: bool = False) -> list[Frame]:
    """One connection every five seconds."""
    return [
        frame
        for turn, at in enumerate(range(first_s, last_s, 5), 1)
        for frame in other_client(turn, at, ttl, leaving=leaving)
    ]


def syns(rows: list[Row] = SYNS, client: tuple[str, int] = CLIENT) -> list[Frame]:
    """The unanswered SYNs, seen one hop from their sender."""
    return frames([row._replace(ttl=63) for row in rows], client, SERVER)


def said(folder: Path, here: list[Frame], there: list[Frame]) -> Finding:
    found = judge(make_case(folder, {"client": sorted(here), "server": sorted(there)}), RULE).findings
    return next(finding for finding in found if finding.evidence[0].capture == "client")


def test_a_capture_at_the_server_without_the_syns_says_that_they_die_before_it(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"client": syns(), "server": others()})
    finding = only(case, RULE)
    assert (finding.where, finding.confidence) == ("before server", Confidence.MEDIUM)
    assert (
        "holds none of the 3 SYNs: looked for by addresses and ports, and by initial sequence number" in finding.summary
    )
    assert "most likely die before server" in finding.summary
    assert "as far as the two clocks can be trusted" in finding.summary
    assert "share no packet" in finding.summary
    assert finding.fix[0].startswith("Look at the way between client and server")
    assert not any(step.startswith(f"Capture at {SERVER[0]}") for step in finding.fix)
    assert (finding.facts["lacking_at"], finding.facts["looked_for"], finding.facts["others_there"]) == ("server", 3, 3)
    assert [row.frame for row in finding.evidence if row.capture == "server"] == [13, 19]


def test_the_server_s_own_capture_is_told_by_its_time_to_live(tmp_path: Path) -> None:
    finding = said(tmp_path, syns(), others(ttl=64))
    assert finding.where == "before server"
    assert f"which was taken at {SERVER[0]} and shows" in finding.summary


@pytest.mark.parametrize(("first_s", "last_s"), [(20, 60), (0, 35)])
def test_only_syns_that_were_sent_while_the_other_capture_surely_ran_are_claimed(
    tmp_path: Path, first_s: int, last_s: int
) -> None:
    finding = said(tmp_path, syns(), others(first_s=first_s, last_s=last_s))
    assert "none of the 2 SYNs of its time" in finding.summary


OPEN = [Row(at, "c", "S", 777, ttl=50) for at in (20, 23, 29)]
LATE = [row._replace(at_s=row.at_s + 22) for row in SYNS]
"""As a capture shows them whose clock is wrong."""
SILENT: dict[str, tuple[list[Frame], list[Frame]]] = {
    "the SYNs are there behind NAT": (syns(), others() + frames(LATE[:1], ("192.0.2.77", 61000), (SERVER[0], 8443))),
    "the SYNs are there with changed numbers": (syns(), others() + syns([row._replace(seq=777) for row in LATE])),
    "SYNs of their moment are there, all else changed": (syns(), others() + frames(OPEN, ("192.0.2.7", 6100), SERVER)),
    "it ran at another time": (syns(), others(first_s=3600, last_s=3660)),
    "it ended within what clocks are apart": (syns(), others(last_s=25)),
    "it is the capture of another client": (syns(), others(leaving=True)),
    "it shows nothing of that port": (syns(), [Frame(f.time_ns, f.data.replace(b"\x01\xbb", b"\x01\xbc")) for f in others()]),
    "other attempts got through elsewhere": (syns() + other_client(99, 40), others()),
}  # fmt: skip


@pytest.mark.parametrize("why", SILENT)
def test_a_capture_proves_nothing_where(tmp_path: Path, why: str) -> None:
    finding = said(tmp_path, *SILENT[why])
    assert finding.where.startswith("on the way to")
    assert "lacking_at" not in finding.facts
    assert finding.confidence is Confidence.HIGH


def test_what_path_loss_tells_is_left_to_it(tmp_path: Path) -> None:
    verdicts = judge(open_case(d14_iphttps.build(tmp_path)), "path-loss", RULE)
    (finding,) = [finding for finding in verdicts.findings if finding.rule == RULE]
    assert {finding.rule for finding in verdicts.findings} == {"path-loss", RULE}
    assert finding.where.startswith("on the way to")
