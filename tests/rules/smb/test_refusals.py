"""Which responses refuse something, and what kind of thing that is."""

from __future__ import annotations

import pytest

from wireproof.messages.smb import SmbMessage
from wireproof.rules.smb._refusals import is_pipe_share, refused_kind


def response(command: str, status: str, share: str = "", dialect: str = "") -> SmbMessage:
    return SmbMessage(
        conversation=0,
        side=1,
        row=0,
        last_row=0,
        time_ns=0,
        version=2,
        command=command,
        is_response=True,
        code=0 if status == "STATUS_SUCCESS" else 0xC0000022,
        status=status,
        share=share,
        dialect=dialect,
    )


@pytest.mark.parametrize(
    ("command", "status", "share", "kind"),
    [
        ("SESSION_SETUP", "STATUS_LOGON_FAILURE", "", "logon"),
        ("SESSION_SETUP_ANDX", "STATUS_ACCOUNT_DISABLED", "", "logon"),
        ("SESSION_SETUP", "STATUS_MORE_PROCESSING_REQUIRED", "", ""),
        ("SESSION_SETUP", "STATUS_NETWORK_SESSION_EXPIRED", "", ""),
        ("TREE_CONNECT", "STATUS_BAD_NETWORK_NAME", "", "share"),
        ("CREATE", "STATUS_ACCESS_DENIED", "\\\\srv\\ipc$", "pipe"),
        ("CREATE", "STATUS_ACCESS_DENIED", "\\\\srv\\data", "file"),
        ("NT_CREATE_ANDX", "ERRDOS/noaccess", "\\\\srv\\data", "file"),
        ("CREATE", "STATUS_OBJECT_NAME_NOT_FOUND", "\\\\srv\\data", ""),
        ("CREATE", "STATUS_SUCCESS", "\\\\srv\\data", ""),
        ("QUERY_INFO", "STATUS_ACCESS_DENIED", "\\\\srv\\data", ""),
        ("NEGOTIATE", "STATUS_NOT_SUPPORTED", "", "version"),
        ("ECHO", "STATUS_NOT_SUPPORTED", "", ""),
    ],
)
def test_a_status_refuses_what_its_command_asked_for(command: str, status: str, share: str, kind: str) -> None:
    assert refused_kind(response(command, status, share)) == kind


def test_a_negotiation_without_result_refuses_every_version() -> None:
    assert refused_kind(response("NEGOTIATE", "STATUS_SUCCESS", dialect="none")) == "version"


def test_pipes_stand_in_one_share_of_any_case() -> None:
    assert is_pipe_share("\\\\srv\\IPC$")
    assert is_pipe_share("\\\\SRV\\ipc$")
    assert not is_pipe_share("\\\\srv\\C$")
