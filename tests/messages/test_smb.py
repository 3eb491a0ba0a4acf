"""SMB messages are told with their shares, files and users, each response with its request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.asn1 import (
    KERBEROS,
    NTLM,
    gss_token,
    krb_error,
    ntlm_authenticate,
    ntlm_challenge,
    ntlm_negotiate,
    spnego_init,
    spnego_response,
)
from tests.support.oracle import number, tshark_rows
from tests.support.said_over import opened, said
from tests.support.smb_talks import (
    FILE_ID,
    MORE_PROCESSING,
    RELATED,
    answer,
    chained,
    close,
    connect,
    connected,
    create,
    created,
    negotiate,
    negotiated,
    read,
    read_back,
    session,
    set_up,
    setup,
    smb1_negotiate,
    smb1_negotiated,
    write,
)
from wireproof.messages.said import Said
from wireproof.messages.smb import SmbMessage

LOGON = [
    ("client", negotiate()),
    ("server", negotiated()),
    ("client", setup(1, spnego_init(ntlm_negotiate(), NTLM), sid=0)),
    ("server", set_up(1, spnego_response(ntlm_challenge(), mechanism=NTLM), MORE_PROCESSING)),
    ("client", setup(2, spnego_response(ntlm_authenticate("bob")))),
    ("server", set_up(2, spnego_response(state=0))),
]
SHARE = [("client", connect(3, "\\\\srv\\IPC$")), ("server", connected(3))]


def messages(folder: Path, lines: list[tuple[str, bytes]], size: int = 1400, port: int = 445) -> list[SmbMessage]:
    with opened(folder, said(lines, ports=(50001, port), size=size)) as tables:
        return list(Said(tables).smb)


@pytest.mark.parametrize("size", [60, 1400])
def test_each_response_is_told_with_what_it_answers(tmp_path: Path, size: int) -> None:
    lines = [
        *LOGON,
        *SHARE,
        ("client", session(create(4, "srvsvc"))),
        ("server", answer(5, 4, status=0xC0000022, tree=5)),
    ]
    found = messages(tmp_path, lines, size)
    last = found[-1]
    assert [message.command for message in found[::2]] == [
        "NEGOTIATE",
        "SESSION_SETUP",
        "SESSION_SETUP",
        "TREE_CONNECT",
        "CREATE",
    ]
    assert (last.status, last.name, last.share, last.user) == (
        "STATUS_ACCESS_DENIED",
        "srvsvc",
        "\\\\srv\\IPC$",
        "CORP\\bob",
    )
    assert (last.workstation, last.logon, last.request_row) == ("PC7", "NTLM", found[-2].row)
    assert found[1].dialect == "3.1.1"


def test_a_refused_logon_names_the_user(tmp_path: Path) -> None:
    found = messages(tmp_path, [*LOGON[:5], ("server", set_up(2, b"", 0xC000006D))])
    assert (found[-1].status, found[-1].user) == ("STATUS_LOGON_FAILURE", "CORP\\bob")


def test_a_file_has_its_name_until_it_is_closed(tmp_path: Path) -> None:
    lines = [
        *LOGON,
        *SHARE,
        ("client", session(create(4, "svcctl"))),
        ("server", created(4)),
        ("client", write(5, b"abc")),
    ]
    lines += [("client", read(6)), ("server", read_back(6, b"defg")), ("client", session(close(7)))]
    lines += [("server", answer(6, 7, bytes(60), tree=5)), ("client", read(8))]
    found = messages(tmp_path, lines)
    assert [(m.command, m.name) for m in found if m.command in ("WRITE", "READ")] == [
        ("WRITE", "svcctl"), ("READ", "svcctl"), ("READ", "svcctl"), ("READ", ""),
    ]  # fmt: skip


def test_data_are_placed_in_the_stream(tmp_path: Path) -> None:
    lines = [*LOGON, ("client", write(5, b"PAYLOAD"))]
    found = messages(tmp_path, lines)[-1]
    stream = b"".join(data for by, data in lines if by == "client")
    assert stream[found.data_offset : found.data_offset + found.data_size] == b"PAYLOAD"


def test_chained_requests_share_the_file_that_they_opened(tmp_path: Path) -> None:
    lines = [*LOGON, *SHARE, ("client", chained(create(4, "a.txt"), close(5, b"\xff" * 16, flags=RELATED)))]
    assert [(m.command, m.name) for m in messages(tmp_path, lines)[-2:]] == [("CREATE", "a.txt"), ("CLOSE", "a.txt")]


def test_an_interim_response_leaves_the_request_open(tmp_path: Path) -> None:
    lines = [("client", session(create(4, "slow"))), ("server", answer(5, 4, status=0x103, flags=2))]
    found = messages(tmp_path, [*lines, ("server", answer(5, 4, status=0xC0000022))])
    assert [(m.status, m.name) for m in found[1:]] == [("STATUS_PENDING", "slow"), ("STATUS_ACCESS_DENIED", "slow")]


def test_a_kerberos_error_in_a_session_setup_is_named(tmp_path: Path) -> None:
    token = spnego_response(gss_token(b"\3\0", krb_error(41, "cifs/srv")), mechanism=KERBEROS)
    lines = [("client", setup(1, spnego_init(b"x", KERBEROS))), ("server", set_up(1, token, MORE_PROCESSING))]
    assert messages(tmp_path, lines)[-1].kerberos_error == "KRB_AP_ERR_MODIFIED"


def test_smb_1_agrees_on_a_dialect_by_its_place(tmp_path: Path) -> None:
    lines = [("client", smb1_negotiate("PC NETWORK PROGRAM 1.0", "NT LM 0.12")), ("server", smb1_negotiated(1))]
    assert [m.dialect for m in messages(tmp_path, lines)] == ["PC NETWORK PROGRAM 1.0, NT LM 0.12", "NT LM 0.12"]
    lines[1] = ("server", smb1_negotiated(0xFFFF))
    assert messages(tmp_path, lines)[1].dialect == "none"


def test_what_is_encrypted_or_compressed_is_told_as_such(tmp_path: Path) -> None:
    lines = [*LOGON, ("client", session(b"\xfdSMB" + bytes(60))), ("server", session(b"\xfcSMB" + bytes(60)))]
    assert [m.command for m in messages(tmp_path, lines)[-2:]] == ["encrypted", "compressed"]


def test_netbios_sessions_are_told(tmp_path: Path) -> None:
    lines = [("client", b"\x81\0\0\x44" + bytes(68)), ("server", b"\x83\0\0\x01\x82")]
    found = messages(tmp_path, lines, port=139)
    assert [(m.version, m.command, m.code) for m in found] == [(0, "request", 0), (0, "negative", 0x82)]


def test_a_response_without_its_request_still_has_its_share(tmp_path: Path) -> None:
    lines = [*LOGON, *SHARE, ("server", answer(5, 99, status=0xC0000022, tree=5))]
    last = messages(tmp_path, lines)[-1]
    assert (last.request_row, last.share, last.name, last.user) == (-1, "\\\\srv\\IPC$", "", "CORP\\bob")


def test_tshark_reads_the_built_messages_the_same_way(tmp_path: Path, program: Callable[[str], str]) -> None:
    lines = [
        *LOGON,
        *SHARE,
        ("client", session(create(4, "svcctl"))),
        ("server", created(4)),
        ("client", write(5, b"abc")),
    ]
    lines += [("client", session(close(7, FILE_ID))), ("server", answer(5, 8, status=0xC0000034, tree=5))]
    ours = [(m.last_row + 1, m.command, m.code) for m in messages(tmp_path, lines)]
    fields = ("frame.number", "smb2.cmd", "smb2.nt_status", "_ws.malformed")
    theirs = list(tshark_rows(program("tshark"), tmp_path / "said.pcap", fields, "smb2"))
    assert [row[3] for row in theirs] == [""] * len(theirs)
    assert [(int(row[0]), number(row[2])) for row in theirs] == [(frame, code) for frame, _, code in ours]


@pytest.mark.parametrize(
    "name", ["smb/zeek__smb2_100_small_files.pcap", "smb/suricata__smb2-delete_input.pcap", "smb/zeek__smb1.pcap"]
)
def test_real_captures_hold_the_messages_that_tshark_counts(
    captures: Path, program: Callable[[str], str], name: str
) -> None:
    from wireproof.conversations import read_capture

    tables = read_capture(captures / name)
    with tables.capture:
        ours = sum(message.version > 0 for message in Said(tables).smb)
    rows = tshark_rows(program("tshark"), captures / name, ("smb2.cmd", "smb.cmd"), "smb || smb2", occurrence="a")
    commands = [value for row in rows for field in row for value in field.split(",") if value]
    assert ours == sum(value != "0xff" for value in commands)
