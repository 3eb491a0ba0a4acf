"""Ends of connections as Windows' tools write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.logs.endpoint_text import is_local_only, read_address, read_dotted, read_endpoint


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("172.016.001.001", "172.16.1.1"),
        ("010.008.009.010", "10.8.9.10"),
        ("[fe80::1%12]", "fe80::1"),
        ("fe80::5efe:10.1.1.1%15", "fe80::5efe:a01:101"),
        ("2001:0:0A0B:86E8:388E:FCB:4337:1876", "2001:0:a0b:86e8:388e:fcb:4337:1876"),
        ("::ffff:10.1.1.1", "10.1.1.1"),
        ("[::]", "::"),
        ("300.1.1.1", ""),
        ("host", ""),
        ("", ""),
    ],
)
def test_an_address_has_one_form(text: str, address: str) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("10.7.3.187:3389", ("10.7.3.187", 3389)),
        ("[::]:135", ("::", 135)),
        ("[fe80::1%4]:546", ("fe80::1", 546)),
        ("2002:0A01:86E8:8001:0:0:A0B:0202:135", ("2002:a01:86e8:8001::a0b:202", 135)),
        ("0:0:0:0:0:0:0:0:61581", ("::", 61581)),
        ("10.7.3.187:99999", None),
        ("10.7.3.187", None),
        ("*:*", None),
    ],
)
def test_an_end_has_address_and_port(text: str, end: tuple[str, int] | None) -> None:
    assert read_endpoint(text) == end


def test_ends_of_pktmon_have_the_port_behind_a_dot() -> None:
    assert read_dotted("192.168.5.88.50005") == ("192.168.5.88", 50005)
    assert read_dotted("fe80::1.5353") == ("fe80::1", 5353)
    assert read_dotted("192.168.5.88") is None


def test_addresses_that_many_hosts_have_name_none() -> None:
    assert [is_local_only(text) for text in ("0.0.0.0", "127.0.0.1", "::1", "fe80::1", "224.0.0.1", "?", "10.1.1.1")] == [
        True, True, True, True, True, True, False,
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_endpoint, read_dotted):
        end = read(text)
        assert end is None or 0 <= end[1] <= 0xFFFF
