"""SMB, DCE/RPC, Kerberos, LDAP and TDS as exchanges, on real captures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d11_outlook
from tests.support.compared import sight
from tests.support.verdicts import open_case
from wireproof.processes.compare.captures import list_exchanges
from wireproof.processes.compare.exchange import Exchange
from wireproof.processes.compare.windows import is_elsewhere


def told(captures: Path, name: str, word: str) -> list[Exchange]:
    """The exchanges of a real capture whose action begins with a word."""
    case = open_case({"client": captures / name})
    return [one for one in list_exchanges(sight(case)) if one.action.startswith(word)]


@pytest.mark.parametrize(
    ("name", "word", "least"),
    [
        ("smb/zeek__smb2readwrite.pcap", "SMB ", 5),
        ("dcerpc-dcom/zeek__kerberos135_auth.pcapng", "RPC ", 2),
        ("dcerpc-dcom/Wireshark__ntlm_ldap.pcapng", "LDAP bind", 2),
        ("tds/Wireshark__ms-sql-tds-rpc-requests.cap", "TDS ", 2),
    ],
)
def test_answers_are_exchanges_with_the_time_since_their_request(
    captures: Path, name: str, word: str, least: int
) -> None:
    if not (captures / name).exists():
        pytest.skip(f"{name} is not among the shared captures")
    found = told(captures, name, word)
    assert len(found) >= least
    assert all(one.wait_s is None or one.wait_s >= 0 for one in found)
    assert all(one.row <= one.answer_row for one in found)


def test_a_step_of_an_authentication_is_neither_good_nor_bad(captures: Path) -> None:
    found = told(captures, "dns/Wireshark__anoop.pcap", "SMB SESSION_SETUP")
    assert {one.good for one in found if "MORE_PROCESSING" in one.outcome} == {None}
    assert {one.good for one in found if one.outcome.endswith("SUCCESS")} == {True}


def test_an_answer_tells_whether_it_names_the_address_that_was_asked(tmp_path: Path) -> None:
    case = open_case(d11_outlook.build(tmp_path))
    (told,) = [answer for one in list_exchanges(sight(case)) for answer in one.answers]
    assert (told.name, told.value, told.good) == ("address for MAPI", "elsewhere", False)
    assert told.words == "10.11.2.7, and not the address that was asked, 10.11.2.2"


@pytest.mark.parametrize(
    ("asked", "named", "expected"),
    [
        ("10.1.1.1", "10.1.1.2", True),
        ("10.1.1.1", "10.1.1.1", False),
        ("10.1.1.1", "0.0.0.0", False),
        ("10.1.1.1", "dc1", False),
        ("10.1.1.1", "", False),
        ("64:ff9b::a01:101", "10.1.1.1", False),
        ("2001:db8::1", "2001:db8::2", True),
    ],
)
def test_host_names_and_addresses_of_the_other_family_name_nothing_else(asked: str, named: str, expected: bool) -> None:
    assert is_elsewhere(asked, named) is expected
