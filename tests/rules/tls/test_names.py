"""Which name a client wanted, and which certificates are for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.talk import Send, Step
from tests.support.tls_handshakes import SERVER, Pair, capture, client_context, issue, server_context
from tests.support.verdicts import open_case
from wireproof.messages.certificates import Certificate, read_certificate
from wireproof.rules.tls._handshakes import handshakes
from wireproof.rules.tls._names import Wanted, is_address, is_for, wanted_names


def wanted(folder: Path, name: str | None, before: tuple[Step, ...] = ()) -> list[Wanted]:
    pair = Pair(client_context(), server_context(SERVER), name)
    assert pair.handshake()
    (found,) = handshakes(open_case(capture(folder, [*before, *pair.steps], port=8080)))
    return wanted_names(found)


CONNECT = (Send("client", b"CONNECT shop.example.com:443 HTTP/1.1\r\n\r\n"), Send("server", b"HTTP/1.1 200 OK\r\n\r\n"))


def test_sni_is_the_surest(tmp_path: Path) -> None:
    assert [(one.name, one.source) for one in wanted(tmp_path, "www.example.com", CONNECT)] == [
        ("www.example.com", "sni")
    ]


def test_a_proxy_is_told_the_name(tmp_path: Path) -> None:
    (found,) = wanted(tmp_path, None, CONNECT)
    assert (found.name, found.source, found.row) == ("shop.example.com", "connect", 3)
    assert "CONNECT" in found.told


def test_without_either_nothing_is_known(tmp_path: Path) -> None:
    assert wanted(tmp_path, None) == []


@pytest.mark.parametrize(
    ("names", "name", "fits"),
    [
        (("www.example.com",), "www.example.com", True),
        (("*.example.com",), "www.example.com", True),
        (("*.example.com",), "example.com", False),
        (("*.example.com",), "a.b.example.com", False),
        (("*.com",), "example.com", False),
        (("w*.example.com",), "www.example.com", False),
        (("10.9.0.2",), "10.9.0.2", True),
    ],
)
def test_wildcards_stand_for_one_whole_label(names: tuple[str, ...], name: str, fits: bool) -> None:
    assert is_for(Certificate("", b"", names=names, common_name="www.example.com"), name) == fits


def test_the_common_name_counts_only_without_alternative_names() -> None:
    assert is_for(read_certificate(issue("old.example.com").der), "OLD.example.com")
    assert not is_for(read_certificate(issue("old.example.com", ("new.example.com",)).der), "old.example.com")


@given(st.ip_addresses())
def test_addresses_are_no_names(address: object) -> None:
    assert is_address(str(address))
    assert not is_address(f"host-{address}.example.com")
