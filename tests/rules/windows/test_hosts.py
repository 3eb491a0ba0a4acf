"""Names of computers beside addresses: what tells that both are one host, and what tells that they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from examples.filler import dns_answer
from examples.packets import UDP, Ethernet, IPv4
from tests.support.log_texts import with_logs
from tests.support.path import EPOCH_NS
from tests.support.verdicts import make_case
from wireproof.case import Case
from wireproof.rules.windows._hosts import Whose, bond, is_same_name

ADDRESS = "10.1.2.8"
EVENT = "Error 01/06/2013 08:54:41 AM Service Control Manager 7034 None\nThe X service terminated unexpectedly.\n"
NETSTAT = "  TCP    0.0.0.0:135   0.0.0.0:0   LISTENING   77\n  TCP    {0}:139   0.0.0.0:0   LISTENING   4\n"


def resolved(folder: Path, name: str, address: str) -> Case:
    """A capture with one answer of a resolver."""
    packet = IPv4("10.1.1.1", "10.1.1.9", UDP(53, 50053, dns_answer(7, name, address)))
    frame = Frame(EPOCH_NS, bytes(Ethernet("02:00:00:00:00:03", "02:00:00:00:00:01", packet)))
    return with_logs(make_case(folder, {"resolver": [frame]}), {"events.txt": EVENT})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SRV31.corp.test", "srv31", True),
        ("SRV31.corp.test", "srv31.corp.test.", True),
        ("SRV31.corp.test", "srv31.lab.test", False),
        ("WIN-ABCDEFGHIJKLM", "WIN-ABCDEFGHIJK", True),
        ("SRV3", "SRV31", False),
        ("", "", False),
    ],
)
def test_names_are_compared_without_case_and_domains_where_both_have_one(one: str, other: str, *, same: bool) -> None:
    assert is_same_name(one, other) is same


@pytest.mark.parametrize(
    ("computer", "name", "address", "whose"),
    [
        ("SRV31.corp.test", "srv31.corp.test", ADDRESS, Whose.SAME),
        ("APP09.corp.test", "app09.corp.test", "10.1.2.20", Whose.OTHER),
        ("APP09.corp.test", "srv31.corp.test", ADDRESS, Whose.CALLED),
        ("APP09.corp.test", "www.contoso.example", ADDRESS, Whose.UNKNOWN),
    ],
)
def test_answers_of_resolvers_tell_hosts_apart(
    tmp_path: Path, computer: str, name: str, address: str, whose: Whose
) -> None:
    case = resolved(tmp_path, name, address)
    assert bond(case, case.logs[0], computer, ADDRESS).whose is whose


def test_a_log_without_a_name_is_of_the_host_of_the_outputs_in_the_same_text() -> None:
    for address, whose in ((ADDRESS, Whose.SAME), ("10.1.2.20", Whose.OTHER)):
        case = with_logs(Case([]), {"ticket.txt": EVENT + "\n" + NETSTAT.format(address)})
        assert bond(case, case.logs[0], "", ADDRESS).whose is whose
    case = with_logs(Case([]), {"events.txt": EVENT, "netstat.txt": NETSTAT.format(ADDRESS)})
    assert bond(case, case.logs[0], "", ADDRESS).whose is Whose.UNKNOWN


def test_systeminfo_tells_the_name_too() -> None:
    info = f"Host Name:     SRV31\nOS Name:       Microsoft Windows Server 2019\n               [01]: Intel\n               [01]: {ADDRESS}\n"
    case = with_logs(Case([]), {"events.txt": EVENT, "info.txt": info})
    assert bond(case, case.logs[0], "srv31.corp.test", ADDRESS).whose is Whose.SAME
    other = bond(case, case.logs[0], "APP09.corp.test", ADDRESS)
    assert (other.whose, other.words) == (
        Whose.OTHER,
        "the log is of APP09.corp.test, and 10.1.2.8 is srv31 (info.txt)",
    )
