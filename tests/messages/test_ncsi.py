"""Connectivity probes of Windows, by name, path and answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.filler import dns_answer, dns_question
from tests.support.files import SECOND, Frame
from tests.support.packets import UDP, Ethernet, IPv4
from tests.support.verdicts import make_case
from tests.support.web import request, response, web_case
from wireproof.messages.ncsi import NcsiProbe, is_probe_name

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
AGENT = "User-Agent: Microsoft NCSI"


def lookups(folder: Path, name: str, answer: bytes | None) -> list[NcsiProbe]:
    """The probes in a query for a name and its answer."""
    frames = [
        Frame(SECOND, bytes(Ethernet(*MACS, IPv4("10.1.1.9", "10.1.1.53", UDP(5000, 53, dns_question(7, name))))))
    ]
    if answer is not None:
        frames.append(Frame(2 * SECOND, bytes(Ethernet(*MACS, IPv4("10.1.1.53", "10.1.1.9", UDP(53, 5000, answer))))))
    return list(make_case(folder, {"client": frames}).points[0].ncsi)


@pytest.mark.parametrize(
    ("name", "address", "result"),
    [
        ("dns.msftncsi.com", "131.107.255.255", "expected"),
        ("dns.msftncsi.com", "10.0.0.1", "changed"),
        ("www.msftconnecttest.com", "10.0.0.1", "resolved"),
    ],
)
def test_only_the_address_that_windows_knows_is_compared(tmp_path: Path, name: str, address: str, result: str) -> None:
    (probe,) = lookups(tmp_path, name, dns_answer(7, name, address))
    assert (probe.kind, probe.name, probe.result, probe.answer) == ("dns", name, result, address)
    assert (probe.row, probe.answer_row, probe.answer_ns - probe.time_ns) == (0, 1, SECOND)


def test_a_lookup_without_answer_is_unanswered(tmp_path: Path) -> None:
    (probe,) = lookups(tmp_path, "www.msftncsi.com", None)
    assert (probe.result, probe.answer_row) == ("unanswered", -1)


def test_other_names_are_no_probes(tmp_path: Path) -> None:
    assert lookups(tmp_path, "www.example.com", None) == []
    assert [is_probe_name(name) for name in ("directaccess-webprobehost.corp.example", "x.msftncsi.com.example")] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (response("200 OK", "Content-Type: text/plain", body=b"Microsoft NCSI"), "expected"),
        (response("200 OK", "Content-Type: text/html", body=b"<html>Welcome to the hotel</html>"), "changed"),
        (response("302 Found", "Location: http://portal.example/"), "redirected"),
        (response("404 Not Found"), "error"),
    ],
)
def test_a_web_probe_compares_the_text(tmp_path: Path, answer: bytes, result: str) -> None:
    case = web_case(tmp_path, request("/ncsi.txt", AGENT, host="www.msftncsi.com"), answer)
    (probe,) = case.points[0].ncsi
    assert (probe.kind, probe.name, probe.target, probe.result) == ("http", "www.msftncsi.com", "/ncsi.txt", result)
    assert probe.answer_row > probe.row


def test_windows_10_asks_another_server(tmp_path: Path) -> None:
    asked = request("/connecttest.txt", AGENT, host="www.msftconnecttest.com")
    case = web_case(tmp_path, asked, response("200 OK", "Content-Type: text/plain", body=b"Microsoft Connect Test"))
    assert [probe.result for probe in case.points[0].ncsi] == ["expected"]


def test_a_corporate_probe_is_told_by_its_user_agent(tmp_path: Path) -> None:
    case = web_case(tmp_path, request("/", AGENT, host="directaccess-WebProbeHost.corp.example"), response())
    (probe,) = case.points[0].ncsi
    assert (probe.name, probe.result) == ("directaccess-webprobehost.corp.example", "resolved")


def test_a_browser_that_reads_the_same_page_of_another_host_is_no_probe(tmp_path: Path) -> None:
    assert len(web_case(tmp_path, request("/ncsi.txt", "User-Agent: Mozilla"), response()).points[0].ncsi) == 0
