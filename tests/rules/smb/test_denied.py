"""smb-denied: refusals of logons, shares, pipes and files; steps of every exchange stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.asn1 import NTLM, ntlm_authenticate, ntlm_challenge, ntlm_negotiate, spnego_init, spnego_response
from tests.support.judged_talk import findings_on
from tests.support.middleboxes import SourceNat, TargetNat
from tests.support.path import Link, Point, World
from tests.support.said_over import segment
from tests.support.smb_talks import (
    MORE_PROCESSING,
    answer,
    close,
    connect,
    connected,
    create,
    created,
    negotiate,
    negotiated,
    session,
    set_up,
    setup,
    smb1_negotiate,
    smb1_negotiated,
)
from tests.support.tables import spaced
from tests.support.talk import Host, Send, Talk
from tests.support.verdicts import judge, make_case, open_case
from wireproof.finding import Finding, Severity

DENIED, LOGON_FAILURE, BAD_NAME, PENDING, NOT_FOUND = 0xC0000022, 0xC000006D, 0xC00000CC, 0x103, 0xC0000034
Line = tuple[str, bytes]


def logon(user: str = "bob", status: int = 0) -> list[Line]:
    """A session from NEGOTIATE on."""
    last = set_up(2, spnego_response(state=0)) if not status else set_up(2, b"", status)
    return [
        ("client", negotiate()),
        ("server", negotiated()),
        ("client", setup(1, spnego_init(ntlm_negotiate(), NTLM), sid=0)),
        ("server", set_up(1, spnego_response(ntlm_challenge()), MORE_PROCESSING)),
        ("client", setup(2, spnego_response(ntlm_authenticate(user)))),
        ("server", last),
    ]


def share(path: str = "\\\\srv\\IPC$") -> list[Line]:
    return [("client", connect(3, path)), ("server", connected(3))]


def opening(name: str, status: int, number: int = 4) -> list[Line]:
    back = answer(5, number, status=status, tree=5) if status else created(number)
    return [("client", session(create(number, name))), ("server", back)]


def findings(folder: Path, *talks: list[Line]) -> list[Finding]:
    return findings_on(folder, "smb-denied", *((445, talk) for talk in talks))


def test_a_pipe_that_is_refused_is_an_error_with_its_name(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, [*logon(), *share(), *opening("svcctl", DENIED)])
    assert (finding.severity, finding.facts["names"], finding.facts["status"]) == (
        Severity.ERROR,
        ["svcctl"],
        "STATUS_ACCESS_DENIED",
    )
    assert (finding.facts["kind"], finding.facts["user"], finding.facts["share"]) == (
        "pipe",
        "CORP\\bob",
        "\\\\srv\\IPC$",
    )
    assert [piece.frame for piece in finding.evidence] == [13, 12]
    assert any("integrity" in text or "label" in text for text in finding.fix)


def test_a_pipe_refused_to_nobody_in_particular_is_a_warning(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, [*logon(user=""), *share(), *opening("svcctl", DENIED)])
    assert (finding.severity, finding.facts["user"]) == (Severity.WARNING, "anonymous")


@pytest.mark.parametrize(
    ("status", "name"), [(LOGON_FAILURE, "STATUS_LOGON_FAILURE"), (0xC0000234, "STATUS_ACCOUNT_LOCKED_OUT")]
)
def test_a_refused_logon_is_an_error_that_names_the_user(tmp_path: Path, status: int, name: str) -> None:
    (finding,) = findings(tmp_path, logon(status=status))
    assert (finding.severity, finding.facts["status"], finding.facts["user"]) == (Severity.ERROR, name, "CORP\\bob")
    assert finding.where == "at 10.0.0.2 (the SMB server)"


def test_a_logon_that_succeeds_later_makes_it_information(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, logon(status=LOGON_FAILURE), logon())
    assert finding.severity is Severity.INFO


def test_a_later_logon_as_nobody_heals_nothing(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, logon(status=LOGON_FAILURE), logon(user=""))
    assert finding.severity is Severity.ERROR


def test_a_share_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    talk = [*logon(), ("client", connect(3, "\\\\srv\\nothere")), ("server", answer(3, 3, status=BAD_NAME))]
    (finding,) = findings(tmp_path, talk)
    assert (finding.severity, finding.facts["kind"], finding.facts["share"]) == (
        Severity.ERROR,
        "share",
        "\\\\srv\\nothere",
    )


def test_files_of_one_share_are_one_warning(tmp_path: Path) -> None:
    files = [line for number in range(4, 30) for line in opening(f"f{number}.txt", DENIED, number)]
    (finding,) = findings(tmp_path, [*logon(), *share("\\\\srv\\data"), *files])
    assert (finding.severity, finding.facts["count"], len(finding.facts["names"])) == (Severity.WARNING, 26, 20)


def test_steps_of_every_exchange_stay_silent(tmp_path: Path) -> None:
    talk = [
        *logon(),
        *share("\\\\srv\\data"),
        ("client", session(create(4, "a"))),
        ("server", answer(5, 4, status=PENDING, flags=2)),
    ]
    talk += [
        ("server", created(4)),
        *opening("none.txt", NOT_FOUND, 5),
        ("client", session(close(6))),
        ("server", answer(6, 6, bytes(60))),
    ]
    assert findings(tmp_path, talk) == []


def test_what_is_given_on_a_second_try_stays_silent(tmp_path: Path) -> None:
    assert (
        findings(tmp_path, [*logon(), *share("\\\\srv\\data"), *opening("a.txt", DENIED), *opening("a.txt", 0, 5)])
        == []
    )


def test_no_common_dialect_is_an_error(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, [("client", smb1_negotiate("NT LM 0.12")), ("server", smb1_negotiated(0xFFFF))])
    assert (finding.severity, finding.facts["kind"], finding.facts["status"]) == (
        Severity.ERROR,
        "version",
        "no common dialect",
    )


def closed_after(folder: Path, request: bytes, *more: bytes) -> list[Finding]:
    """A request that the server answers with a reset."""
    from tests.support.said_over import said

    frames = said([("client", request)], ports=(50001, 445))
    frames += [segment("server", 0, flags="RA", ports=(50001, 445)), *more]
    return judge(make_case(folder, {"client": spaced(frames)}), "smb-denied").findings


def test_a_server_that_hangs_up_on_smb_1_is_an_error(tmp_path: Path) -> None:
    (finding,) = closed_after(tmp_path, smb1_negotiate("PC NETWORK PROGRAM 1.0", "NT LM 0.12"))
    assert (finding.facts["status"], finding.facts["kind"]) == ("connection closed", "version")
    assert [piece.frame for piece in finding.evidence] == [5, 4]


def test_a_server_that_hangs_up_on_smb_2_says_nothing_of_versions(tmp_path: Path) -> None:
    assert closed_after(tmp_path, smb1_negotiate("NT LM 0.12", "SMB 2.002")) == []
    assert closed_after(tmp_path, negotiate()) == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("dcerpc-dcom/suricata__dcerpc_zerologon_input.pcap", "STATUS_ACCESS_DENIED"),
        ("dcerpc-dcom/suricata__dcerpc_dcerpc-bind-no-frag-flag_input.pcap", "STATUS_ACCOUNT_DISABLED"),
        ("smb/suricata__smb2-named-pipe-unicode_input.pcap", "STATUS_BAD_NETWORK_NAME"),
        ("smb/Wireshark__smb-on-windows-10.pcapng", "STATUS_LOGON_FAILURE"),
    ],
)
def test_refusals_in_real_captures_are_named(captures: Path, name: str, status: str) -> None:
    found = judge(open_case({"capture": captures / name}), "smb-denied").findings
    assert status in {finding.facts["status"] for finding in found}


@pytest.mark.parametrize(
    "name",
    ["smb/zeek__smb2_100_small_files.pcap", "smb/suricata__smb2-delete_input.pcap", "smb/Wireshark__getinfo.cap"],
)
def test_healthy_real_captures_stay_silent(captures: Path, name: str) -> None:
    assert judge(open_case({"capture": captures / name}), "smb-denied").findings == []


def test_what_two_captures_show_through_nat_is_one_finding(tmp_path: Path) -> None:
    world = World(
        [
            Point("client", at="client"),
            Link(1),
            SourceNat("192.0.2.1"),
            TargetNat("198.51.100.9", "10.0.0.2"),
            Link(1),
            Point("server", at="server"),
        ]
    )
    steps = [Send(by, data) for by, data in [*logon(), *share(), *opening("svcctl", DENIED)]]
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), steps, ports=(50001, 445), target="198.51.100.9")
    (finding,) = judge(make_case(tmp_path, world.captures()), "smb-denied").findings
    assert (finding.facts["count"], {piece.capture for piece in finding.evidence}) == (1, {"client"})


def test_many_users_of_one_server_are_one_finding(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *(logon(f"user{number}", LOGON_FAILURE) for number in range(30)))
    assert (finding.facts["count"], len(finding.facts["users"])) == (30, 20)
    assert "the logons of CORP\\user0, CORP\\user1 and 28 more" in finding.title
