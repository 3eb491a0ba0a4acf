"""ldap-error: results that refuse or cut short; steps and answers stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.asn1 import bind, entry, equal, ldap, octets, result, search, sequence, tlv
from tests.support.judged_talk import findings_on
from tests.support.verdicts import judge, open_case
from wireproof.finding import Finding, Severity

BIND_RESPONSE, DONE = 0x61, 0x65
Line = tuple[str, bytes]


def findings(folder: Path, *talks: list[Line]) -> list[Finding]:
    return findings_on(folder, "ldap-error", *((389, talk) for talk in talks))


def bound(dn: str, code: int = 0, text: str = "") -> list[Line]:
    return [("client", ldap(1, bind(dn))), ("server", ldap(1, result(BIND_RESPONSE, code, text)))]


def searched(code: int, limit: int = 0, entries: int = 0) -> list[Line]:
    back = b"".join(ldap(2, entry(f"cn={place}")) for place in range(entries)) + ldap(2, result(DONE, code))
    return [("client", ldap(2, search("dc=corp", equal("cn", "x"), limit))), ("server", back)]


def test_wrong_credentials_are_an_error_with_the_windows_reason(tmp_path: Path) -> None:
    text = "80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 533, v4563"
    (finding,) = findings(tmp_path, bound("CORP\\bob", 49, text))
    assert (finding.severity, finding.facts["result"], finding.facts["error"]) == (
        Severity.ERROR, "invalidCredentials", "ERROR_ACCOUNT_DISABLED",
    )  # fmt: skip
    assert "The account is disabled." in finding.summary
    assert [piece.frame for piece in finding.evidence] == [5, 4]


def test_the_same_name_that_is_let_in_later_makes_it_information(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, bound("cn=bob", 49), bound("cn=bob"))
    assert finding.severity is Severity.INFO


def test_another_name_that_is_let_in_later_heals_nothing(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, bound("cn=bob", 49), bound("cn=eve"))
    assert finding.severity is Severity.ERROR


def test_a_server_that_wants_signing_is_an_error_with_the_policy_to_look_at(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, bound("cn=bob", 8))
    assert finding.facts["result"] == "strongerAuthRequired"
    assert any("signing" in text for text in finding.fix)


def test_missing_rights_are_a_warning(tmp_path: Path) -> None:
    modify = ldap(2, tlv(0x66, octets("cn=a,dc=corp"), sequence()))
    (finding,) = findings(tmp_path, [*bound("cn=bob"), ("client", modify), ("server", ldap(2, result(0x67, 50)))])
    assert (finding.severity, finding.facts["dn"]) == (Severity.WARNING, ["cn=a,dc=corp"])
    assert "a modify in 'cn=a,dc=corp'" in finding.title


def test_the_servers_limit_is_a_warning_and_the_clients_own_is_none(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, [*bound("cn=bob"), *searched(4, entries=2)])
    assert finding.severity is Severity.WARNING
    assert findings(tmp_path, [*bound("cn=bob"), *searched(4, limit=2, entries=2)]) == []


def test_an_entry_that_does_not_exist_is_information(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, [*bound("cn=bob"), *searched(32)])
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize("code", [0, 5, 6, 10, 14])
def test_steps_and_answers_stay_silent(tmp_path: Path, code: int) -> None:
    assert findings(tmp_path, [*bound("cn=bob", code), *searched(code)]) == []


def test_repeats_of_one_account_are_one_finding(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *(bound("cn=bob", 49) for _ in range(30)))
    assert finding.facts["count"] == 30


def test_real_directory_traffic_shows_no_fault(captures: Path) -> None:
    case = open_case({"capture": captures / "two-sided/apt29_day2__NEWYORK.cap"})
    assert {finding.severity for finding in judge(case, "ldap-error").findings} == {Severity.INFO}


def test_many_accounts_of_one_server_are_one_finding(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *(bound(f"cn=user{number}", 49) for number in range(30)))
    assert (finding.facts["count"], len(finding.facts["dn"])) == (30, 20)


def test_a_server_that_disconnects_its_clients_says_so(tmp_path: Path) -> None:
    notice = ldap(0, result(0x78, 52, "shutting down"))
    (finding,) = findings(tmp_path, [*bound("cn=bob"), ("server", notice)])
    assert (finding.severity, finding.facts["result"]) == (Severity.ERROR, "unavailable")
    assert "a notice of disconnection" in finding.title
