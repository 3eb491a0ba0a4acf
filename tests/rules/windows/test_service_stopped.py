"""windows-service-stopped: a stop at the moment of the first reset, and stops that have nothing to do with it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cases import d2_rdp
from tests.support.log_texts import with_logs
from tests.support.path import EPOCH_NS
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence

RULE = "windows-service-stopped"
CLIENT, SERVER = ("10.1.1.9", 50000), ("10.1.2.8", 9100)
SERVICES = """\
Image Name                     PID Services
========================= ======== ============================================
printer.exe                     77 ContosoPrint
"""
NETSTAT = (
    "  TCP    0.0.0.0:9100   0.0.0.0:0   LISTENING   77\n  TCP    10.1.2.8:9100   10.1.1.9:50000   ESTABLISHED   77\n"
)


def event(seconds: float, service: str = "ContosoPrint", event_id: int = 7034, hours: int = 0) -> str:
    """A stop so long after the first frame, in a log whose zone is so many hours ahead of UTC."""
    moment = datetime.fromtimestamp(EPOCH_NS / 1e9 + seconds + hours * 3600, UTC)
    clock = moment.strftime("%m/%d/%Y %I:%M:%S %p")
    said = "entered the stopped state" if event_id == 7036 else "terminated unexpectedly.  It has done this 1 time(s)"
    return f"Error {clock} Service Control Manager {event_id} None\nThe {service} service {said}.\n"


def outage(folder: Path, event_text: str, **texts: str) -> Case:
    """A session that its server resets ten seconds after it began."""
    rows = [
        *handshake(),
        Row(1.0, "c", "PA", 1, 1, 40),
        Row(1.1, "s", "A", 1, 41),
        Row(10.0, "s", "RA", 1, 41, window=0),
    ]
    case = make_case(folder, {"server": frames(rows, CLIENT, SERVER)})
    return with_logs(case, {"events.txt": event_text, "netstat.txt": NETSTAT, "tasklist.txt": SERVICES, **texts})


def test_the_terminal_service_stopped_a_minute_from_the_reset(tmp_path: Path) -> None:
    finding = only(with_logs(open_case(d2_rdp.build(tmp_path)), d2_rdp.LOGS), RULE)
    expect = d2_rdp.EXPECT
    assert (finding.facts["service"], finding.facts["apart_s"]) == (expect["service"], expect["apart_s"])
    assert (finding.facts["reset"], finding.facts["refused"], finding.facts["zone_s"]) == (1, 1, -3600)
    assert finding.confidence is Confidence.MEDIUM
    assert "if the clocks agree and the log was written in UTC-1" in finding.summary
    assert ("server", 10717) in {(piece.capture, piece.frame) for piece in finding.evidence}


def test_a_service_is_tied_to_its_port_by_process(tmp_path: Path) -> None:
    finding = only(outage(tmp_path, event(10.4)), RULE)
    assert finding.facts["port"] == 9100
    assert finding.title == "the service ContosoPrint stopped, and 10.1.2.8:9100 resets its connections"


def test_a_stated_zone_makes_it_sure(tmp_path: Path) -> None:
    case = outage(tmp_path, event(10.4, hours=-8))
    for log in case.logs:
        log.zone_s = -8 * 3600
    finding = only(case, RULE)
    assert finding.confidence is Confidence.HIGH
    assert finding.facts["zone_s"] is None


def test_an_orderly_stop_counts_as_well(tmp_path: Path) -> None:
    assert "entered the stopped state" in only(outage(tmp_path, event(9.5, event_id=7036)), RULE).summary


@pytest.mark.parametrize(
    "text",
    [
        event(700.0),
        event(10.0, service="Windows Update"),
        event(10.0).replace("7034", "7036").replace("terminated unexpectedly", "entered the running state"),
        event(10.0).replace("Service Control Manager", "ContosoPrint"),
    ],
)
def test_other_moments_and_services_are_no_finding(tmp_path: Path, text: str) -> None:
    assert judge(outage(tmp_path, text), RULE).findings == []


def test_a_stated_zone_that_puts_it_hours_away_is_no_finding(tmp_path: Path) -> None:
    case = outage(tmp_path, event(10.4, hours=-8))
    for log in case.logs:
        log.zone_s = 3600
    assert judge(case, RULE).findings == []


def test_a_client_that_resets_is_no_finding(tmp_path: Path) -> None:
    rows = [*handshake(), Row(10.0, "c", "RA", 1, 1, window=0)]
    case = with_logs(
        make_case(tmp_path, {"server": frames(rows, CLIENT, SERVER)}), {"e": event(10.0), "n": NETSTAT, "t": SERVICES}
    )
    assert judge(case, RULE).findings == []


def test_two_hosts_at_once_are_a_question(tmp_path: Path) -> None:
    rows = [*handshake(), Row(10.0, "s", "RA", 1, 1, window=0)]
    both = [*frames(rows, CLIENT, ("10.1.2.8", 3389)), *frames(rows, CLIENT, ("10.1.2.9", 3389))]
    case = with_logs(make_case(tmp_path, {"middle": sorted(both)}), {"e": event(10.0, "Remote Desktop Services")})
    verdicts = judge(case, RULE)
    assert verdicts.findings == []
    assert "10.1.2.8 and 10.1.2.9" in verdicts.undecided[0].reason


def test_it_explains_the_missing_listener_and_the_refusals(tmp_path: Path) -> None:
    case = with_logs(open_case(d2_rdp.build(tmp_path)), d2_rdp.LOGS)
    findings = {finding.rule: finding for finding in judge(case).findings}
    stopped, missing, refused = (findings[rule] for rule in d2_rdp.EXPECT["chain"])
    assert {missing.id, refused.id} <= set(stopped.explains)
    assert missing.explains == [refused.id]


def test_a_reset_long_before_does_not_hide_the_outage(tmp_path: Path) -> None:
    early = [*handshake(), Row(2.0, "s", "RA", 1, 1, window=0)]
    late = [*handshake(at_s=5000.0), Row(5010.0, "s", "RA", 1, 1, window=0)]
    both = [*frames(early, ("10.1.1.3", 50000), SERVER), *frames(late, CLIENT, SERVER)]
    case = with_logs(make_case(tmp_path, {"server": both}), {"e": event(5010.4), "n": NETSTAT, "t": SERVICES})
    finding = only(case, RULE)
    assert (finding.facts["reset"], finding.facts["refused"]) == (1, 0)
    assert finding.talk is not None
    assert finding.talk.client == "10.1.1.9:50000"


def test_when_it_ran_again_is_told(tmp_path: Path) -> None:
    again = event(70.0, event_id=7036).replace("entered the stopped state", "entered the running state")
    assert "running again 60 s later" in only(outage(tmp_path, event(10.0) + again), RULE).summary
