"""Names from a user."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.collect.names import CollectError, read_interface, read_peer, read_peers

SPECIAL = set(" \t\r\n\"'`$%^&|<>;()!*?[]{}\\/~#=,@+")


@pytest.mark.parametrize(
    ("given_text", "read"),
    [
        ("10.1.2.3", "10.1.2.3"),
        (" server1 ", "server1"),
        ("srv_1.corp.example.", "srv_1.corp.example."),
        ("2001:DB8:0:0::5", "2001:db8::5"),
    ],
)
def test_an_address_or_a_host_name_is_taken(given_text: str, read: str) -> None:
    assert read_peer(given_text) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a;b",
        "a b",
        "a&calc",
        "$(id)",
        "`id`",
        "%PATH%",
        "-n",
        "a|b",
        'a"b',
        "a'b",
        "fe80::1%eth0",
        "300.1.2.3",
        "a..b",
        "a/b",
        "x" * 254,
        "ä",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CollectError, match="--peer"):
        read_peer(text)


@given(st.text(max_size=40))
def test_no_peer_that_is_taken_holds_anything_that_a_shell_or_a_program_reads_more_into(text: str) -> None:
    try:
        peer = read_peer(text)
    except CollectError:
        return
    assert not set(peer) & SPECIAL
    assert not peer.startswith("-")


@given(st.text(max_size=40))
def test_no_windows_interface_that_is_taken_ends_its_quotes(text: str) -> None:
    try:
        name = read_interface(text, windows=True)
    except CollectError:
        return
    assert not set(name) & set('"%^&|<>!\r\n')


def test_peers_are_taken_once_and_in_order() -> None:
    assert read_peers(["b", "a", "b"]) == ("b", "a")
    with pytest.raises(CollectError, match="20 times"):
        read_peers([f"host{number}" for number in range(21)])


@pytest.mark.parametrize(
    ("text", "windows"), [("eth0.100", False), ("LAN-Verbindung 2", True), ("Ethernet (Büro)", True), ("", False)]
)
def test_names_of_interfaces_are_taken(text: str, windows: bool) -> None:
    assert read_interface(text, windows=windows) == text


@pytest.mark.parametrize(
    ("text", "windows"), [("eth0; id", False), ("-w", False), ('a" & calc', True), ("%X%", True), ("LAN 2", False)]
)
def test_what_is_no_name_of_an_interface_is_refused(text: str, windows: bool) -> None:
    with pytest.raises(CollectError, match="--interface"):
        read_interface(text, windows=windows)
