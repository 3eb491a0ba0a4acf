"""directaccess-stopped: names the last stage that worked, the first that did not, their frames, and what to check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from examples.files import Frame
from examples.filler import dns_answer, dns_question
from examples.packets import TCP, UDP, mss
from tests.cases import d13_iphttps_certificate, d14_iphttps
from tests.cases import d21_directaccess as d21
from tests.support.directaccess import cut_case, frames_case, scene_case
from tests.support.talk import Close
from tests.support.tls_handshakes import SERVER, Pair, capture, client_context, server_context
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Confidence, Severity
from wireproof.processes.stage import Outcome, Stage
from wireproof.rules.directaccess.stopped import is_unused

RULE = "directaccess-stopped"
CODES: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({"stop": "endpoint-resolved"}, ("0x2af9", "0x2afa"), "Publish an A record"),
    ({"stop": "endpoint-resolved", "how": "name error"}, ("0x2af9",), "Publish an A record"),
    ({"stop": "endpoint-resolved", "how": "not begun"}, (), "Name Resolution Policy Table"),
    ({"stop": "transport-connected"}, ("0x274c",), "TCP port 443"),
    ({"stop": "transport-connected", "how": "refused"}, ("0x274d",), "netsh http show sslcert"),
    ({"stop": "tls-done"}, (), "inspects TLS"),
    ({"stop": "tls-done", "how": "reset"}, ("0x80090326",), "NULL"),
    ({"stop": "tls-done", "how": "alert"}, ("0x80090326",), "NULL"),
    ({"stop": "tls-done", "how": "reset", "system": 7}, ("0x80090326",), "Get-TlsCipherSuite"),
    ({"stop": "tls-done", "how": "certificate"}, ("0x800b0109", "0x800b010f"), "bind the right one"),
    ({"stop": "tunnel-up"}, (), "IP-HTTPS is active"),
    ({"stop": "tunnel-up", "how": "refused"}, (), "netsh http show urlacl"),
    ({"stop": "tunnel-up", "how": "no router"}, ("0x2afc",), "New-NetRoute"),
    ({"stop": "tunnel-up", "transport": "Teredo"}, (), "UDP port 3544"),
    ({"stop": "main-mode"}, ("13805",), "IKEEXT"),
    ({"stop": "main-mode", "how": "error"}, ("13801",), "computer certificate"),
    ({"stop": "quick-mode"}, (), "connection security rules"),
    ({"stop": "esp-traffic"}, (), "routes"),
]


def named(fields: object) -> str:
    return "-".join(f"{key}={value}" for key, value in fields.items()) if isinstance(fields, dict) else ""


@pytest.mark.parametrize(("fields", "codes", "advice"), CODES, ids=named)
def test_each_stage_has_its_checks_and_codes(
    tmp_path: Path, fields: dict[str, Any], codes: tuple[str, ...], advice: str
) -> None:
    finding = only(scene_case(tmp_path, **fields), RULE)
    assert finding.severity is Severity.ERROR
    shown = [code.split(" ")[0] for code in finding.facts["client_errors"]]
    assert tuple(shown[: len(codes)]) == codes
    assert bool(shown) == bool(codes)
    assert any(advice in step for step in finding.fix), finding.fix
    assert finding.evidence


def test_it_names_the_last_stage_that_worked_and_the_first_that_did_not_with_their_frames(tmp_path: Path) -> None:
    finding = only(scene_case(tmp_path, stop="transport-connected"), RULE)
    assert finding.confidence is Confidence.HIGH
    assert finding.title == "DirectAccess of 192.168.137.20 stops at “Connection to the DirectAccess server”"
    assert "“Name of the DirectAccess server” (frames 185 and 186" in finding.summary
    assert [piece.frame for piece in finding.evidence] == [185, 186, 187, 311, 313]
    assert finding.facts["stopped_at"] == "transport-connected"
    assert finding.facts["last_done"] == "endpoint-resolved"
    assert finding.facts["syns"] == 3
    assert re.search(r"0x274c \(WSAETIMEDOUT\)", finding.summary)
    assert finding.filters == {
        "client": "ip.addr==192.168.137.20 && ip.addr==131.107.0.5 && tcp.port==443 && tcp.port==58449"
    }


def test_a_stage_that_never_begins_is_named_with_less_confidence(tmp_path: Path) -> None:
    finding = only(scene_case(tmp_path, stop="endpoint-resolved", how="not begun"), RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert "does not begin" in finding.summary


def test_a_connection_without_an_answer_leads_and_the_stop_hangs_beneath_it(tmp_path: Path) -> None:
    findings = judge(scene_case(tmp_path, stop="transport-connected")).findings
    by_rule = {finding.rule: finding for finding in findings}
    assert findings[0].rule == "tcp-syn-unanswered"
    assert by_rule[RULE].id in by_rule["tcp-syn-unanswered"].explains
    assert by_rule["tcp-syn-unanswered"].id not in by_rule[RULE].explains


def test_a_certificate_for_another_name_explains_it(tmp_path: Path) -> None:
    findings = judge(open_case(d13_iphttps_certificate.build(tmp_path))).findings
    by_rule = {finding.rule: finding for finding in findings}
    stopped = by_rule[RULE]
    assert stopped.id in by_rule["tls-name-mismatch"].explains
    assert stopped.confidence is Confidence.LOW
    assert stopped.facts["client_errors"][0] == "0x800b0109 (CERT_E_UNTRUSTEDROOT)"
    assert {2092, 2095} <= {piece.frame for piece in stopped.evidence}


def test_attempts_in_the_rhythm_of_ip_https_are_what_looks_like_it(tmp_path: Path) -> None:
    findings = judge(open_case(d14_iphttps.build(tmp_path))).findings
    by_rule = {finding.rule: finding for finding in findings}
    assert by_rule[RULE].title.startswith("What looks like DirectAccess of 192.168.99.7")
    assert by_rule[RULE].facts["client_errors"] == ["0x274c (WSAETIMEDOUT)"]
    assert by_rule[RULE].id in by_rule["path-loss"].explains
    assert {row[0] for row in d14_iphttps.SYNS} <= {piece.frame for piece in by_rule[RULE].evidence}


# --- near misses -------------------------------------------------------------------------------------------------------

HEALTHY_SCENES: list[dict[str, Any]] = [
    {}, {"system": 7}, {"shown": "outer"}, {"shown": "tunnel"}, {"system": 7, "shown": "outer"}, {"transport": "Teredo"},
    {"transport": "6to4"}, {"no_such_name": True}, {"inside": True}, {"location": "nls.contoso.com"},
]  # fmt: skip


@pytest.mark.parametrize("fields", HEALTHY_SCENES, ids=named)
def test_no_rule_finds_fault_with_a_connection_that_comes_up(tmp_path: Path, fields: dict[str, Any]) -> None:
    found = judge(scene_case(tmp_path, **fields)).findings
    assert [finding.title for finding in found if finding.severity is not Severity.INFO] == []
    assert [finding.rule for finding in found if finding.rule.startswith(("dns-", "directaccess-"))] == []


def test_a_capture_that_ends_too_early_says_nothing(tmp_path: Path) -> None:
    assert judge(cut_case(tmp_path, 16.0, stop="transport-connected"), RULE).findings == []


def attempts(starts_s: tuple[float, ...]) -> list[Frame]:
    """Connections nobody answers, each with two repeats."""
    found = []
    for turn, start_s in enumerate(starts_s):
        for after_s in (0, 3, 9):
            syn = d21.up(TCP(50000 + turn, 443, 1000 + turn, 0, "S", 8192, mss(1460)))
            found.append(Frame(d21.START_NS + round((start_s + after_s) * 1e9), syn))
    return sorted(found)


def test_attempts_in_another_rhythm_are_no_sign(tmp_path: Path) -> None:
    assert judge(frames_case(tmp_path, attempts((0, 60, 120, 180))), RULE).findings == []
    assert judge(frames_case(tmp_path, attempts((0, 51, 102, 153))), RULE).findings == []


def test_two_attempts_are_no_rhythm(tmp_path: Path) -> None:
    assert judge(frames_case(tmp_path, attempts((0, 51))), RULE).findings == []


def visit(name: str, answered: bool) -> list[Frame]:
    """A lookup of a name and a connection to its address, which is answered or not."""
    server, offer = "198.51.100.20", mss(1460)
    steps = [
        (0.0, d21.up(UDP(50001, 53, dns_question(77, name)), target=d21.GATEWAY)),
        (0.02, d21.down(UDP(53, 50001, dns_answer(77, name, server)), source=d21.GATEWAY)),
        (0.03, d21.up(TCP(50002, 443, 100, 0, "S", 8192, offer), target=server)),
    ]
    if answered:
        steps += [
            (0.05, d21.down(TCP(443, 50002, 500, 101, "SA", 8192, offer), source=server)),
            (0.06, d21.up(TCP(50002, 443, 101, 501, "A", 513), target=server)),
            (
                0.07,
                d21.up(TCP(50002, 443, 101, 501, "PA", 513, payload=b"\x17\x03\x03\0\x20" + b"q" * 32), target=server),
            ),
            (
                0.09,
                d21.down(
                    TCP(443, 50002, 501, 138, "PA", 513, payload=b"\x17\x03\x03\0\x40" + b"a" * 64), source=server
                ),
            ),
        ]
    else:
        steps += [(turn, d21.up(TCP(50002, 443, 100, 0, "S", 8192, offer), target=server)) for turn in (3.0, 9.0)]
    steps.append((60.0, d21.up(UDP(50009, 514, b"<14>late"), target=d21.GATEWAY)))
    return [Frame(d21.START_NS + round(time_s * 1e9), data) for time_s, data in steps]


def test_a_page_about_directaccess_is_no_connection_of_it(tmp_path: Path) -> None:
    assert judge(frames_case(tmp_path, visit("directaccess.example.org", answered=True)), RULE).findings == []


def test_a_server_that_does_not_answer_is_one_only_by_its_name(tmp_path: Path) -> None:
    assert judge(frames_case(tmp_path, visit("www.example.org", answered=False)), RULE).findings == []
    hinted = only(frames_case(tmp_path, visit("uagda.example.org", answered=False)), RULE)
    assert hinted.confidence is Confidence.LOW


def test_a_location_server_that_fails_a_client_inside_is_spoken_of(tmp_path: Path) -> None:
    frames = d21.frames(d21.Scene(inside=True))
    broken = [frame for number, frame in enumerate(frames, start=1) if not 88 <= number <= 92]
    finding = only(frames_case(tmp_path, broken), RULE)
    assert finding.facts["stopped_at"] == "endpoint-resolved"
    assert "takes itself for outside" in finding.summary


@pytest.mark.parametrize(("wanted", "unused"), [("www.example.com", True), ("da-server.example.com", False)])
def test_a_connection_closed_behind_the_right_certificate_is_no_stop(tmp_path: Path, wanted: str, unused: bool) -> None:
    pair = Pair(client_context(), server_context(SERVER), wanted)
    assert pair.handshake()
    case = open_case(capture(tmp_path, [*pair.steps, Close("client")]))
    stage = Stage("tunnel-up", "Tunnel interface", Outcome.NOT_SEEN, conversations=(0,))
    assert is_unused(case.points[0], stage) is unused


def test_what_only_looks_like_directaccess_is_a_warning(tmp_path: Path) -> None:
    findings = judge(open_case(d13_iphttps_certificate.build(tmp_path))).findings
    assert {finding.severity for finding in findings if finding.rule == RULE} == {Severity.WARNING}
