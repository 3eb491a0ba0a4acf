"""Services and actions in words that stay the same from run to run."""

from __future__ import annotations

import pytest

from wireproof.processes.compare.exchange import Exchange, Service, plain, plain_target


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www.example.com", "www.example.com"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301.example", "#.example"),
        ("d41d8cd98f00b204.example", "#.example"),
        ("job-20240305", "job-#"),
        ("dc01.corp.example", "dc01.corp.example"),
        ("decade-facade", "decade-facade"),
        ("aVeryLongTokenWith9Digits8InIt", "#"),
        ("directaccess-corpconnectivityhost", "directaccess-corpconnectivityhost"),
    ],
)
def test_what_is_random_becomes_a_hash_and_names_stay(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_a_target_loses_its_query() -> None:
    assert plain_target("/item/4711/view?session=9") == "/item/#/view"


def test_long_texts_are_cut() -> None:
    assert len(plain("word." * 100)) == 80


@pytest.mark.parametrize(
    ("service", "title"),
    [
        (Service("tcp", "dc1", 389, "ldap"), "dc1:389 (ldap)"),
        (Service("tcp", "10.0.0.1", 9000), "10.0.0.1:9000"),
        (Service("udp", "2001:db8::1", 500, "ike"), "[2001:db8::1]:500 (udp ike)"),
        (Service("dns", "name lookups"), "name lookups"),
    ],
)
def test_a_service_is_named_by_server_port_and_protocol(service: Service, title: str) -> None:
    assert service.title == title


def test_the_same_service_at_another_address_is_the_same() -> None:
    assert Service("tcp", "www", 80, address="10.0.0.1") == Service("tcp", "www", 80, address="10.0.0.2")


def test_the_answer_is_what_to_look_at_first() -> None:
    service = Service("tcp", "www", 80)
    assert Exchange(service, "GET /", "503", False, 4, answer_row=7).telling_row == 7
    assert Exchange(service, "GET /", "no answer", False, 4).telling_row == 4
