"""SMB, DCE/RPC, Kerberos, LDAP and TDS as exchanges, on real captures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.compared import sight
from tests.support.verdicts import open_case
from wireproof.processes.compare import list_exchanges
from wireproof.processes.exchange import Exchange


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
