"""windows-service-stopped: a stop at the moment of the first reset, and stops that have nothing to do with it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from examples.files import Frame
from examples.filler import dns_answer
from examples.packets import UDP, Ethernet, IPv4
from tests.cases import d2_rdp
from tests.support.log_texts import with_logs
from tests.support.path import EPOCH_NS
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence
from wireproof.logs.event_log import EventXmlLog
from wireproof.messages.vantage import Vantage

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
    assert finding.title == "The service ContosoPrint stopped, and 10.1.2.8:9100 resets its connections"


def test_a_stated_zone_makes_it_sure(tmp_path: Path) -> None:
    case = outage(tmp_path, event(10.4, hours=-8))
    for log in case.logs:
        log.zone_s = -8 * 3600
    finding = only(case, RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert finding.facts["zone_s"] is None
    assert "that the log is of 10.1.2.8 is not shown" in finding.summary


IPCONFIG = """
Windows IP Configuration

   Host Name . . . . . . . . . . . . : {name}

Ethernet adapter Ethernet0:

   IPv4 Address. . . . . . . . . . . : {address}(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
"""


def resolved(name: str, address: str) -> list[Frame]:
    """An answer of a resolver."""
    packet = IPv4("10.1.1.1", CLIENT[0], UDP(53, 50053, dns_answer(7, name, address)))
    return [Frame(EPOCH_NS, bytes(Ethernet("02:00:00:00:00:03", "02:00:00:00:00:01", packet)))]


def xml_event(seconds: float, computer: str, state: str = "stopped") -> str:
    """The same as XML, which is in UTC and names the computer."""
    moment = datetime.fromtimestamp(EPOCH_NS / 1e9 + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Service Control Manager'/>"
        f"<EventID>7036</EventID><TimeCreated SystemTime='{moment}'/><Computer>{computer}</Computer></System><EventData>"
        f"<Data Name='param1'>ContosoPrint</Data><Data Name='param2'>{state}</Data></EventData></Event>\n"
    )


@pytest.mark.parametrize("computer", ["PRINT8.corp.test", "print8", "PRINT8"])
def test_an_event_of_the_server_by_its_name_is_sure(tmp_path: Path, computer: str) -> None:
    finding = only(
        outage(tmp_path, xml_event(9.9, computer), ip=IPCONFIG.format(name="PRINT8", address="10.1.2.8")), RULE
    )
    assert finding.confidence is Confidence.HIGH
    assert "Whose event" not in finding.summary


def test_an_event_of_a_computer_of_another_name_is_no_finding(tmp_path: Path) -> None:
    text = xml_event(9.9, "APP09.corp.test") + xml_event(70.0, "PRINT8.corp.test", "running")
    verdicts = judge(outage(tmp_path, text, ip=IPCONFIG.format(name="PRINT8", address="10.1.2.8")), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])


def test_an_event_of_a_computer_that_is_elsewhere_is_no_finding(tmp_path: Path) -> None:
    case = outage(tmp_path, xml_event(9.9, "APP09.corp.test"), ip=IPCONFIG.format(name="APP09", address="10.1.2.20"))
    assert judge(case, RULE).findings == []


def test_where_nothing_tells_whose_an_event_is_the_finding_says_so(tmp_path: Path) -> None:
    text = xml_event(9.9, "APP09.corp.test") + xml_event(70.0, "PRINT8.corp.test", "running")
    finding = only(outage(tmp_path, text), RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert "the log is of APP09.corp.test; that this is 10.1.2.8 is not shown" in finding.summary
    assert "running again" not in finding.summary


def test_a_log_of_a_stated_point_is_of_the_host_that_captured_there(tmp_path: Path) -> None:
    for mac, found in (("02:00:00:00:00:02", 1), ("02:00:00:00:00:01", 0)):
        case = outage(tmp_path, xml_event(9.9, "APP09.corp.test"))
        case.points[0].__dict__["vantage"] = Vantage(bytes.fromhex(mac.replace(":", "")))
        next(log for log in case.logs if isinstance(log, EventXmlLog)).point = "server"
        findings = judge(case, RULE).findings
        assert [finding.confidence for finding in findings] == [Confidence.HIGH] * found


def test_a_name_of_the_server_that_may_be_an_alias_leaves_it_open(tmp_path: Path) -> None:
    case = outage(tmp_path, xml_event(9.9, "APP09.corp.test"))
    other = make_case(tmp_path, {"resolver": resolved("print8.corp.test", "10.1.2.8")})
    case = Case([*case.points, *other.points], logs=case.logs)
    verdicts = judge(case, RULE)
    assert verdicts.findings == []
    assert "10.1.2.8 is called print8.corp.test (DNS in resolver)" in verdicts.undecided[0].reason


def test_a_listing_of_another_host_ties_no_service_to_a_port(tmp_path: Path) -> None:
    elsewhere = NETSTAT.replace("10.1.2.8:9100", "10.1.2.20:9100")
    assert judge(outage(tmp_path, event(10.4), **{"netstat.txt": elsewhere}), RULE).findings == []


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


def test_a_service_that_only_refuses_and_runs_again_is_told_so(tmp_path: Path) -> None:
    """No connection was open; nobody has to start what the log has running again, and the event is quoted, not its line of XML."""
    refused = frames([Row(10.0, "c", "S"), Row(10.1, "s", "RA", 0, 1, window=0)], CLIENT, SERVER)
    texts = {"netstat.txt": NETSTAT, "tasklist.txt": SERVICES}
    (tmp_path / "ended").mkdir()
    stop, again = xml_event(9.9, "PRINT8"), xml_event(70.0, "PRINT8", "running")
    finding = only(with_logs(make_case(tmp_path, {"server": refused}), {"events.txt": stop + again, **texts}), RULE)
    assert finding.title == "The service ContosoPrint stopped, and 10.1.2.8:9100 refuses new connections"
    assert "then refused 1 new connection on" in finding.summary
    assert finding.fix[0].startswith("See that the service still runs on 10.1.2.8")
    (cited,) = [piece for piece in finding.evidence if piece.capture == "folder/events.txt"]
    assert cited.text.endswith("7036: The ContosoPrint service entered the stopped state.")
    ended = only(with_logs(make_case(tmp_path / "ended", {"server": refused}), {"events.txt": stop, **texts}), RULE)
    assert ended.fix[0].startswith("Start the service on 10.1.2.8")
