"""Tokens as `!token` prints them, whole, with lines left out, and run together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d20_named_pipe as pipe
from wireproof.logs.text import LogText
from wireproof.logs.windbg_token import find_tokens
from wireproof.wire.security import Token


def read(text: str) -> list[Token]:
    return find_tokens(LogText("a.txt", text.splitlines()), 10)


def test_an_address_with_0x_before_it_begins_a_token() -> None:
    """The line of a token is its user's; what lacks one is named by where it begins."""
    (token,) = read("_TOKEN 0xffffc10f2a3b1060\nTS Session ID: 0x2\nUser: S-1-5-7\nUser Groups:\n 00 S-1-1-0\n")
    assert (token.name, token.line) == ("ffffc10f2a3b1060", 3)
    (nameless,) = read("_TOKEN 0xffffc10f2a3b1060\nTS Session ID: 0x2\nUser Groups:\n 00 S-1-1-0\n")
    assert (nameless.user, nameless.line) == ("", 1)


def test_a_token_with_groups_attributes_and_privileges() -> None:
    (token,) = read(pipe.MEDIUM)
    assert (token.user, token.level, token.name, token.line) == ("S-1-5-7", 8192, "9a983b00", 4)
    assert pipe.MEDIUM.splitlines()[token.line - 1].startswith("User: ")
    assert (token.kind, token.impersonation, token.flags) == ("Impersonation", "Impersonation", 0x2000)
    assert [group.sid for group in token.groups] == [
        "S-1-0-0",
        "S-1-1-0",
        "S-1-5-2",
        "S-1-5-15",
        "S-1-5-64-10",
        "S-1-16-8192",
    ]
    assert [group.enabled for group in token.groups[:3]] == [False, True, True]
    assert token.groups[2].attributes is None
    assert token.privileges == {"SeChangeNotifyPrivilege"}
    assert token.integrity is not None
    assert token.integrity.line == 13


def test_one_line_holds_the_same() -> None:
    (apart,), (together,) = read(pipe.MEDIUM), read(" ".join(pipe.MEDIUM.split("\n")))
    assert [(group.sid, group.attributes) for group in together.groups] == [
        (group.sid, group.attributes) for group in apart.groups
    ]
    assert (together.user, together.flags, together.line) == (apart.user, apart.flags, 1)


def test_a_token_without_its_head_and_user_stands_alone() -> None:
    medium, untrusted = read(pipe.TEXT)
    assert (medium.level, untrusted.level, untrusted.user) == (8192, 0, "")
    assert len(untrusted.groups) == 4


@pytest.mark.parametrize("heading", ["Restricted SIDs:", "Restricted Sids:"])
def test_restricting_sids_are_apart_from_groups(heading: str) -> None:
    text = f"User: S-1-5-18\nGroups:\n 00 S-1-1-0\n{heading}\n 00 S-1-5-12 (NT AUTHORITY\\RESTRICTED)\nAttributes - Enabled\nRestrictedSidCount: 1"
    (token,) = read(text)
    assert [group.sid for group in token.groups] == ["S-1-1-0"]
    assert [(group.sid, group.attributes) for group in token.restricted] == [("S-1-5-12", frozenset({"Enabled"}))]
    assert token.restricted_count == 1


def test_two_users_are_two_tokens_and_what_follows_another_command_is_none_of_them() -> None:
    text = "User: S-1-5-18\n00 S-1-1-0\nUser: S-1-5-19\nkd> !process 0 0\n 01 S-1-5-2\n"
    assert [(token.user, len(token.groups)) for token in read(text)] == [("S-1-5-18", 1), ("S-1-5-19", 0)]


def test_a_privilege_that_is_off_is_not_held() -> None:
    (token,) = read(
        "User: S-1-5-18\n09 0x9 SeTakeOwnershipPrivilege Attributes - \n32 0x20 SeRelabelPrivilege Attributes - Enabled\n"
    )
    assert token.privileges == {"SeRelabelPrivilege"}


def test_no_more_tokens_are_read_than_asked_for() -> None:
    assert len(find_tokens(LogText("a", ["User: S-1-5-18"] * 50), 7)) == 7


@given(st.data())
def test_damage_does_no_harm(data: st.DataObject) -> None:
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(pipe.TEXT))] * 2)))
    text = pipe.TEXT[:begin] + data.draw(st.text(max_size=30)) + pipe.TEXT[end:]
    for token in read(text):
        assert token.user or token.groups
        assert 0 < token.line <= len(text.splitlines())
