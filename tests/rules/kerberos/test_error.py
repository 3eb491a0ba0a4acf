"""kerberos-error: errors that stop a logon or a ticket, by name; steps of every exchange stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.asn1 import (
    KERBEROS,
    framed,
    gss_token,
    integer,
    krb_error,
    nt_status_data,
    octets,
    reply,
    request,
    sequence,
    spnego_init,
    spnego_response,
)
from tests.support.asn1 import context as ctx
from tests.support.judged_talk import findings_on
from tests.support.smb_talks import MORE_PROCESSING, set_up, setup
from tests.support.verdicts import judge, open_case
from wireproof.finding import Finding, Severity

METHODS = sequence(*(sequence(ctx(1, integer(kind)), ctx(2, octets(b""))) for kind in (19, 2)))
TGT = "krbtgt/CORP"


def exchange(asked: bytes, answered: bytes) -> tuple[int, list[tuple[str, bytes]]]:
    return 88, [("client", framed(asked)), ("server", framed(answered))]


def findings(folder: Path, *talks: tuple[int, list[tuple[str, bytes]]]) -> list[Finding]:
    return findings_on(folder, "kerberos-error", *talks)


def test_an_unknown_service_is_a_warning_with_its_name(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, exchange(request(12, sname="http/web.corp"), krb_error(7, "http/web.corp")))
    assert (finding.severity, finding.facts["error"], finding.facts["service"]) == (
        Severity.WARNING, "KDC_ERR_S_PRINCIPAL_UNKNOWN", "http/web.corp",
    )  # fmt: skip
    assert any("setspn -Q http/web.corp" in text for text in finding.fix)
    assert [piece.frame for piece in finding.evidence] == [5, 4]


@pytest.mark.parametrize(
    ("code", "name"),
    [(24, "KDC_ERR_PREAUTH_FAILED"), (6, "KDC_ERR_C_PRINCIPAL_UNKNOWN"), (18, "KDC_ERR_CLIENT_REVOKED")],
)
def test_a_refused_logon_is_an_error_that_names_the_user(tmp_path: Path, code: int, name: str) -> None:
    (finding,) = findings(tmp_path, exchange(request(10, "bob", TGT), krb_error(code, data=nt_status_data(0xC0000234))))
    assert (finding.severity, finding.facts["error"], finding.facts["principal"]) == (Severity.ERROR, name, "bob")
    assert finding.facts["nt_status"] == "STATUS_ACCOUNT_LOCKED_OUT"


def test_clocks_that_differ_are_both_told(tmp_path: Path) -> None:
    answered = krb_error(37, server_time="20260301120000Z", client_time="20260301111000Z")
    (finding,) = findings(tmp_path, exchange(request(10, "bob", TGT), answered))
    assert finding.facts["server_time"] == "2026-03-01 12:00:00 UTC"
    assert finding.facts["client_time"] == "2026-03-01 11:10:00 UTC"
    assert finding.facts["skew_s"] == -3000.5
    assert "the client's 2026-03-01 11:10:00 UTC: 50 min 0 s behind it" in finding.summary


def test_without_the_clients_clock_the_captures_is_told_as_such(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, exchange(request(10, "bob", TGT), krb_error(37)))
    assert "the capturing computer's 1970-01-01" in finding.summary


def test_a_wrong_clock_is_one_warning_whatever_tickets_it_held_up(tmp_path: Path) -> None:
    held = [exchange(request(12, sname=name), krb_error(37, name)) for name in ("cifs/a", "http/b")]
    (finding,) = findings(tmp_path, *held, exchange(request(12, sname="cifs/a"), reply(13, "bob", "cifs/a")))
    assert (finding.severity, finding.facts["count"]) == (Severity.WARNING, 2)


def test_the_encryption_types_that_were_offered_are_told(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, exchange(request(12, sname="cifs/a", etypes=(23,)), krb_error(14, "cifs/a")))
    assert (finding.facts["etypes"], finding.severity) == (["rc4-hmac"], Severity.ERROR)


def test_what_is_given_later_makes_it_information(tmp_path: Path) -> None:
    refused, given = (
        exchange(request(10, "bob", TGT), krb_error(24)),
        exchange(request(10, "bob", TGT), reply(11, "bob", TGT)),
    )
    (finding,) = findings(tmp_path, refused, given)
    assert (finding.severity, finding.facts["given_later"]) == (Severity.INFO, True)


def test_a_ticket_to_change_the_password_is_no_logon(tmp_path: Path) -> None:
    given = exchange(request(10, "bob", "kadmin/changepw"), reply(11, "bob", "kadmin/changepw"))
    (finding,) = findings(tmp_path, exchange(request(10, "bob", TGT), krb_error(23)), given)
    assert finding.severity is Severity.ERROR


def test_a_server_that_cannot_use_a_ticket_is_found_within_smb(tmp_path: Path) -> None:
    token = spnego_response(gss_token(b"\3\0", krb_error(41, "cifs/srv")), mechanism=KERBEROS)
    lines = [("client", setup(1, spnego_init(b"x", KERBEROS))), ("server", set_up(1, token, MORE_PROCESSING))]
    (finding,) = findings(tmp_path, (445, lines))
    assert (finding.facts["error"], finding.facts["carrier"], finding.severity) == (
        "KRB_AP_ERR_MODIFIED",
        "SMB",
        Severity.ERROR,
    )


def test_clocks_are_told_of_errors_within_smb_too(tmp_path: Path) -> None:
    late = krb_error(37, "cifs/srv", server_time="20260301120000Z", client_time="20260301111000Z")
    token = spnego_response(gss_token(b"\3\0", late), mechanism=KERBEROS)
    lines = [("client", setup(1, spnego_init(b"x", KERBEROS))), ("server", set_up(1, token, MORE_PROCESSING))]
    (finding,) = findings(tmp_path, (445, lines))
    assert (finding.facts["skew_s"], finding.facts["server_time"]) == (-3000.5, "2026-03-01 12:00:00 UTC")


@pytest.mark.parametrize("code", [25, 52, 68, 91])
def test_steps_on_the_way_stay_silent(tmp_path: Path, code: int) -> None:
    data = METHODS if code == 25 else b""
    assert findings(tmp_path, exchange(request(10, "bob", TGT), krb_error(code, data=data))) == []


@pytest.mark.parametrize("sname", ["bob", "DNS/prisoner.iana.org", "cifs/corp"])
def test_tickets_that_windows_asks_for_on_chance_are_information(tmp_path: Path, sname: str) -> None:
    (finding,) = findings(tmp_path, exchange(request(12, sname=sname), krb_error(7, sname)))
    assert finding.severity is Severity.INFO


def test_a_user_asked_for_on_behalf_is_no_lost_logon(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, exchange(request(12, sname="web$", padata=(1, 129)), krb_error(6, "web$")))
    assert (finding.severity, finding.title.endswith("on whose behalf web$ asked")) == (Severity.WARNING, True)


def test_repeats_are_one_finding(tmp_path: Path) -> None:
    talks = [exchange(request(10, "bob", TGT), krb_error(24)) for _ in range(40)]
    (finding,) = findings(tmp_path, *talks)
    assert (finding.facts["count"], len(finding.conversations)) == (40, 40)
    assert len(finding.evidence) == 12


def test_a_real_wrong_clock_is_named_with_its_size(captures: Path) -> None:
    case = open_case({"capture": captures / "dcerpc-dcom/Wireshark__dcerpc-fault-stub-data-02.pcap.gz"})
    (finding,) = judge(case, "kerberos-error").findings
    assert (finding.facts["error"], round(finding.facts["skew_s"] / 60)) == ("KRB_AP_ERR_SKEW", -35)


def test_a_healthy_real_logon_stays_silent(captures: Path) -> None:
    case = open_case({"capture": captures / "offload-length/zeek__kerberos_tso.pcapng"})
    assert judge(case, "kerberos-error").findings == []


def test_many_services_are_one_finding(tmp_path: Path) -> None:
    asked = [exchange(request(12, sname=f"http/web{n}"), krb_error(7, f"http/web{n}")) for n in range(12)]
    (finding,) = findings(tmp_path, *asked)
    assert (finding.facts["count"], len(finding.facts["services"])) == (12, 12)
    assert "http/web0, http/web1 and 10 more" in finding.title
