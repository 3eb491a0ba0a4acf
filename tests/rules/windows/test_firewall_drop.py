"""windows-firewall-drop: drops that a conversation without an answer suffers from, and the noise of firewall logs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.capture.etl.logs import Event, Seen, make_log, ndis, pktmon
from tests.support.etl_fields import pack_event_data
from tests.support.log_texts import with_logs
from tests.support.path import EPOCH_NS
from tests.support.scripted import CLIENT, SERVER, Row, frames
from tests.support.trace_lines import PRINTED
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity
from wireproof.logs.etl_layouts_services import WFP

RULE = "windows-firewall-drop"
SYNS = [Row(0.0, "c", "S"), Row(3.0, "c", "S"), Row(9.0, "c", "S")]
WORKS = [Row(0.0, "c", "S"), Row(0.01, "s", "SA", 0, 1), Row(0.02, "c", "A", 1, 1)]
LINE = "{at:%Y-%m-%d %H:%M:%S} DROP TCP {client} {server} {port} 80 52 S 2885139468 0 8192 - - - RECEIVE 4\n"
TRACE = (
    "[0]0000.0000::{2:%Y/%m/%d-%H:%M:%S}.000003800 [Microsoft-Windows-TCPIP]TCPIP: Transport (Protocol TCP, AddressFamily = IPV4) dropped 1 packet(s) "
    "with Source = {0[0]}:{0[1]}, Destination = {1[0]}:{1[1]}. Reason = Inspection drop.\n"
)


def at(seconds: float = 0.0) -> datetime:
    """A moment so long after the first frame."""
    return datetime.fromtimestamp(EPOCH_NS / 1e9 + seconds, UTC)


def line(port: int = CLIENT[1], client: str = CLIENT[0], server: str = SERVER[0], seconds: float = 0.0) -> str:
    return LINE.format(port=port, client=client, server=server, at=at(seconds))


def case_with(folder: Path, rows: list[Row], text: str) -> Case:
    return with_logs(make_case(folder, {"server": frames(rows)}), {"pfirewall.log": text})


def test_a_logged_drop_is_why_a_syn_has_no_answer(tmp_path: Path) -> None:
    case = case_with(tmp_path, SYNS, line())
    findings = {finding.rule: finding for finding in judge(case).findings}
    dropped = findings[RULE]
    assert (dropped.severity, dropped.where) == (Severity.ERROR, f"at {SERVER[0]}")
    assert [(piece.line, piece.frame) for piece in dropped.evidence] == [(1, 0), (0, 1)]
    assert dropped.explains == [findings["tcp-syn-unanswered"].id]


@pytest.mark.parametrize("days", [-3, 3])
def test_drops_of_another_day_are_of_other_connections(tmp_path: Path, days: int) -> None:
    for text in (line(seconds=days * 86400), TRACE.format(SERVER, CLIENT, at(days * 86400))):
        verdicts = judge(case_with(tmp_path, SYNS, text), RULE)
        assert verdicts.findings == []
        assert "at another time than the capture" in verdicts.undecided[0].reason
        assert judge(case_with(tmp_path, WORKS, text), RULE).undecided == []


def test_drops_of_another_hour_by_a_stated_zone_are_of_other_connections(tmp_path: Path) -> None:
    for zone_s, found in ((0, 1), (3600, 0)):
        case = case_with(tmp_path, SYNS, line())
        case.logs[0].zone_s = zone_s
        assert len(judge(case, RULE).findings) == found


def test_drops_by_an_unknown_clock_are_no_proof(tmp_path: Path) -> None:
    assumed = case_with(tmp_path, SYNS, line(seconds=400))
    assumed.logs[0].zone_s, assumed.logs[0].zone_file = 0, "clock.txt"
    assert only(assumed, RULE).confidence is Confidence.MEDIUM
    finding = only(case_with(tmp_path, SYNS, line(seconds=400)), RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert "nothing proves how the clock of the log lies to the captures'" in finding.summary


def test_only_drops_of_the_time_are_counted(tmp_path: Path) -> None:
    finding = only(case_with(tmp_path, SYNS, line(seconds=-3 * 86400) + line() + line(seconds=3)), RULE)
    assert (finding.facts["count"], finding.confidence) == (2, Confidence.HIGH)
    assert [piece.line for piece in finding.evidence if piece.line] == [2, 3]


def test_a_trace_of_the_transport_layer_says_it_too(tmp_path: Path) -> None:
    finding = only(case_with(tmp_path, SYNS, TRACE.format(SERVER, CLIENT, at())), RULE)
    assert (finding.severity, finding.facts["sent"]) == (Severity.ERROR, False)
    assert "Inspection drop" in finding.summary


def test_a_drop_in_an_etl_of_pktmon_is_proof(tmp_path: Path) -> None:
    sent = frames(SYNS)
    seen = Seen(reason=909, direction=1)
    path = tmp_path / "a.etl"
    path.write_bytes(
        make_log(
            [
                pktmon(one.data, turn * 1000, seen._replace(number=turn + 1, group=turn + 1))
                for turn, one in enumerate(sent)
            ]
        )
    )
    finding = only(open_case({"server": path}), RULE)
    assert finding.severity is Severity.ERROR
    assert "Windows Filtering Platform" in finding.summary


def test_drops_of_a_conversation_that_works_are_no_finding(tmp_path: Path) -> None:
    assert judge(case_with(tmp_path, WORKS, line()), RULE).findings == []


@pytest.mark.parametrize(
    "text",
    [
        "".join(line(port) for port in (1, 2, 3, 4)),
        "".join(line(port, server="224.0.0.252") for port in (1, 2, 3, 4)),
        "".join(line(port, server="10.9.0.255") for port in (1, 2, 3, 4)),
        line().replace("DROP", "ALLOW"),
    ],
)
def test_the_noise_of_a_firewall_log_is_no_finding(tmp_path: Path, text: str) -> None:
    assert judge(case_with(tmp_path, WORKS, text), RULE).findings == []


def test_without_captures_repeated_drops_are_a_warning() -> None:
    case = with_logs(Case([]), {"pfirewall.log": "".join(line(port) for port in (1, 2, 3))})
    finding = only(case, RULE)
    assert (finding.severity, finding.facts["count"]) == (Severity.WARNING, 3)
    assert judge(with_logs(Case([]), {"pfirewall.log": line(1)}), RULE).findings == []


def test_errors_that_stealth_mode_hides_are_a_remark(tmp_path: Path) -> None:
    finding = only(case_with(tmp_path, WORKS, PRINTED), RULE)
    assert finding.severity is Severity.INFO
    assert "stealth mode" in finding.summary


def filtered(folder: Path, rows: list[Row], layer: int = 44, drops: int = 1, **fields: object) -> Case:
    """A trace at the server with its packets, and drops of the Windows Filtering Platform between the two ends."""
    values = {
        "local": SERVER,
        "remote": CLIENT,
        "layer": layer,
        "filter": 7,
        "application": "\\device\\a.exe",
        **fields,
    }
    data = pack_event_data(WFP, 1001, 2, **values)
    events = [Event(WFP, 1001, data, 1_000_000 * turn, version=2) for turn in range(drops)]
    path = folder / "server.etl"
    path.write_bytes(make_log([*(ndis(one.data, turn) for turn, one in enumerate(frames(rows))), *events]))
    return open_case({"server": path})


def test_a_drop_that_wfp_logged_is_why_a_syn_has_no_answer(tmp_path: Path) -> None:
    finding = only(filtered(tmp_path, [Row(0.0, "c", "S"), Row(1.0, "c", "S")]), RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert "filter 7 at the layer receive/accept for a.exe" in finding.summary
    assert "TCP" in finding.title
    assert [(piece.frame, piece.line) for piece in finding.evidence] == [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        (WORKS, {}),
        ([Row(0.0, "c", "S")], {"layer": 13}),
        ([Row(0.0, "c", "S")], {"loopback": 1}),
        ([Row(0.0, "c", "S")], {"remote": ("192.0.2.77", 5)}),
    ],
    ids=["answered", "discarded-by-the-stack", "loopback", "another-host"],
)
def test_a_drop_of_wfp_that_explains_nothing_is_no_finding(
    tmp_path: Path, rows: list[Row], fields: dict[str, object]
) -> None:
    assert judge(filtered(tmp_path, rows, **fields), RULE).findings == []  # type: ignore[arg-type]


def test_connects_that_never_left_are_told_without_a_protocol(tmp_path: Path) -> None:
    ends = {"local": SERVER, "remote": ("192.0.2.77", 443)}
    finding = only(filtered(tmp_path, WORKS, 48, 3, **ends), RULE)
    assert finding.title == "A filter of the host drops packets to 192.0.2.77:443 (3 packets)"
    assert (finding.severity, finding.facts["sent"]) == (Severity.WARNING, True)
    assert "would leave for 192.0.2.77:443 were dropped" in finding.summary


def test_a_version_that_is_not_known_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "server.etl"
    data = pack_event_data(WFP, 1001, 2, local=SERVER, remote=CLIENT, layer=44)
    syn = [ndis(one.data, turn) for turn, one in enumerate(frames([Row(0.0, "c", "S")]))]
    path.write_bytes(make_log([*syn, Event(WFP, 1001, data, 5, version=3)]))
    case = open_case({"server": path})
    assert judge(case, RULE).findings == []
    assert case.points[0].events is not None
    assert case.points[0].events.unknown == {("WFP", 1001, 3): 1}
