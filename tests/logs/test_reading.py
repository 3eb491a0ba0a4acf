"""The register of readers: each finds its own in a text of many, and nothing elsewhere."""

from __future__ import annotations

import importlib

import pytest

from tests.cases import d10_nlb, d13_iphttps_certificate
from tests.cases.d2_rdp import NETSTAT
from tests.support.log_texts import logs_in
from wireproof.logs.reading import READERS, read_logs

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
