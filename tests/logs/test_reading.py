"""The register of readers: each finds its own in a text of many, and nothing elsewhere."""

from __future__ import annotations

import importlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import d10_nlb, d13_iphttps_certificate
from tests.cases.d2_rdp import NETSTAT
from tests.support.log_texts import logs_in
from wireproof.logs.reading import READERS, Reader, read_logs
from wireproof.logs.text import LogText

TICKET = "\n".join((*d13_iphttps_certificate.OUTPUTS.values(), d10_nlb.HOST_TABLE, d10_nlb.ROUTER_TABLE, NETSTAT))
KINDS = ["AdvfirewallLog", "ArpTableLog", "CertutilLog", "HttpsTunnelLog", "NetstatLog", "SslcertLog"]


def test_readers_stand_in_the_order_of_their_modules() -> None:
    names = [reader.module for reader in READERS]
    assert names == sorted(set(names))


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.module)
def test_each_reader_has_its_module(reader: object) -> None:
    module = importlib.import_module(f"wireproof.logs.{reader.module}")  # type: ignore[attr-defined]
    assert callable(module.find)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_ticket_of_many_outputs_is_read_by_each_reader_whatever_its_encoding(encoding: str) -> None:
    found = read_logs(TICKET.encode(encoding), "ticket.txt")
    assert [type(log).__name__ for log in found] == KINDS
    assert all(log.lines == TICKET.splitlines() for log in found)


@pytest.mark.parametrize("text", ["", "Dear all,\nthe tunnel does not come up.\n", "key = value\n" * 50])
def test_other_texts_hold_no_log(text: str) -> None:
    assert logs_in(text) == []


def test_bytes_that_are_no_text_hold_no_log() -> None:
    assert read_logs(bytes(range(256)) * 20, "x.bin") == []


def test_an_event_log_file_is_told_by_its_beginning() -> None:
    (log,) = read_logs(b"ElfFile\0" + bytes(200), "System.evtx")
    assert log.notes


PIECES = (
    "= ", "9" * 5000, "9 ", "9.", "9:", "9/", "²", "٣", "²²²²²", "\u00a0", "\u202f", "İ", "\n", "\n ", "\t", '"', '"a","1","', "TCP ", "UDP 1.1.1.1:1 ",
    "1.1.1.1:99999 ", "LISTENING ", 'C:\\>netstat -ano | find "1"\n', "====== ", "====== a 9 ======", "=== === ===\n", "a.exe ² ² ² 1 K\n",
    "a.exe 1 Console 1 1,024 K ", "00-00-00-00-00-00 ", "1.1.1.1 ", ") at ", " dev ", " 0000.0000.0000 ", "ncomplete ", "{", ": {00000000-0000-",
    "S-1-5-18 ", "05 S-1-16-² ", "User: S-1-5-7 ", "Groups: ", "Attributes - Enabled ", "D:(A;;GA;;;WD)", "->Revision : ", "->Dacl : ->Ace[0]: ->Mask : ",
    "_TOKEN 00000000 ", "TcpIp, Connect, ", "UdpIp, Send, 1, 1, 1, ", "0xFFFFFFFF, ", "BlockInbound,AllowOutbound ", "FirewallRuleCategory a ",
    "TL_INFO(TF_X) [0]05E0.0AAC::01/08/2013-09:18:57.600 ", "$$begin_record\n", "Start-Line: SIP/2.0 200 OK\n", "99/99/9999|01:01:01.001 1:1 INFO :: ",
    "Error 1/1/2013 1:01:01 AM a 9 b\n", "Fehler\t31.12.2013 25:61:61\tx\t²\n", "Log Name: a\nSource: b\nDate: 1/1/2013 1:01:01\nEvent ID: ", "²\n",
    "<Event><System><EventID>", "</EventID>", "<Data Name='a'>", "https://a/IPHTTPS ", "last error code : 0xFFFFFFFF ", "IPv4 Address . . : ",
    "255.255.255.0 ", "0.0.0.0 0.0.0.0 1.1.1.1 1.1.1.2 ²\n", "9 9 ::/0 fe80::1\n", "2013-01-01 01:01:01 DROP TCP 1.1.1.1 2.2.2.2 ", "#Fields: date time\n",
    "\n  ----------\n", "1 01:01:01 a (1) ", "TCPIP_MicrosoftWindowsTCPIP:TCP: ", "local=1.1.1.1:1 remote=", "port number ", "RTO = ",
    "(sha1) : 00 ", ": CN=a", "1/1/2013 1:01 ", "certutil -store my ", "Lync Server 2010 4.0.7577.99999 ", "%%",
)  # fmt: skip
"""What readers look for, cut off, and numbers that are none or too long."""
FLOODS = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from((1, 1, 1, 2, 7, 60))), max_size=12)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.module)
@settings(max_examples=60, deadline=None)
@given(FLOODS)
def test_a_flood_of_what_a_reader_looks_for_does_no_harm(reader: Reader, flood: list[tuple[str, int]]) -> None:
    text = LogText("x", "".join(piece * times for piece, times in flood).splitlines())
    log = importlib.import_module(f"wireproof.logs.{reader.module}").find(text)
    assert log is None or all(0 < event.line <= len(text.lines) for event in log.events())
    assert log is None or all(0 < anchor.line <= len(text.lines) for anchor in log.anchors())


@pytest.mark.parametrize("digits", ["\u00b2\u00b2\u00b2", "9" * 390, "\u0663\u0663\u0663"])
@pytest.mark.parametrize(
    "text",
    [
        "=== === ===\nabc DIGITS def\n",
        "Log Name: System\nSource: x\nDate: 1/1/2013 1:01:01\nEvent ID: DIGITS\n",
        "  10.0.0.0  255.0.0.0  10.0.0.1  10.0.0.2  DIGITS\n",
        "<Event><System><Provider Name='Service Control Manager'/><EventID>7023</EventID></System><Data>x</Data><Data>%%DIGITS</Data></Event>",
    ],
)
def test_raised_digits_and_endless_ones_are_no_numbers_and_those_of_other_scripts_do_no_harm(
    text: str, digits: str
) -> None:
    assert all(list(log.events()) is not None for log in logs_in(text.replace("DIGITS", digits)))


@given(st.sampled_from(PIECES), st.sampled_from(PIECES))
def test_a_reader_whose_sign_is_missing_finds_nothing(one: str, other: str) -> None:
    text = LogText("x", (one * 3 + other * 3).splitlines())
    silent = [reader for reader in READERS if not reader.may_find(text)]
    assert [
        reader.module for reader in silent if importlib.import_module(f"wireproof.logs.{reader.module}").find(text)
    ] == []


def test_signs_begin_with_letters_that_they_must_have() -> None:
    """Else each of them goes through a text letter by letter, which takes a hundred times as long."""
    for reader in READERS:
        for sign in (*reader.signs, *reader.lowered):
            assert re.match(r"(?:\\[^\WdDwWsSbBAZ]|\\\W|[^\\\[(.^$?*+|])(?![?*{])", sign), (reader.module, sign)
