"""Which service of one capture is which of another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.processes.compare.exchange import Service
from wireproof.processes.compare.matching import match_services


def tcp(name: str, port: int, protocol: str = "", address: str = "") -> Service:
    named = not name.replace(".", "").isdigit()
    return Service("tcp", name, port, protocol, named, address or (name if not named else ""))


def test_names_come_first_whatever_the_order() -> None:
    one, two = tcp("a.example", 443, "tls"), tcp("b.example", 443, "tls")
    assert match_services([one, two], [two, one]) == {one: one, two: two}


def test_a_name_that_only_one_capture_knows_is_found_by_its_address() -> None:
    named, bare = tcp("dc1.corp", 445, "smb", "10.0.0.4"), tcp("10.0.0.4", 445, "smb")
    other = tcp("10.0.0.5", 445, "smb")
    assert match_services([named], [other, bare]) == {named: bare}


def test_another_domain_controller_plays_the_same_part() -> None:
    one, two = tcp("dc1.corp", 88, "kerberos"), tcp("dc2.corp", 88, "kerberos")
    assert match_services([one], [two]) == {one: two}


def test_web_sites_with_different_names_are_not_the_same() -> None:
    shared = tcp("shared.example", 443, "tls")
    assert match_services([shared, tcp("a.example", 443, "tls")], [shared, tcp("b.example", 443, "tls")]) == {
        shared: shared
    }


def test_captures_of_one_thing_each_are_compared_whatever_their_names() -> None:
    one, two = tcp("tls-v1-2.example", 1012, "tls"), tcp("expired.example", 443, "tls")
    assert match_services([one], [two]) == {one: two}


def test_captures_of_many_things_are_not_paired_at_random() -> None:
    good = [tcp("a.example", 80, "http"), tcp("b.example", 80, "http")]
    assert match_services(good, [tcp("10.0.0.1", 80, "http"), tcp("10.0.0.2", 80, "http")]) == {}


def test_a_protocol_that_was_not_recognised_does_not_part_them() -> None:
    one, two = tcp("www.example", 80, "http"), tcp("www.example", 80)
    assert match_services([one], [two]) == {one: two}


SERVICES = st.builds(
    tcp,
    st.sampled_from(["a.example", "b.example", "10.0.0.1", "10.0.0.2"]),
    st.sampled_from([80, 443, 88, 40000]),
    st.sampled_from(["", "tls", "http"]),
)


@given(st.lists(SERVICES, max_size=8), st.lists(SERVICES, max_size=8))
def test_each_service_is_paired_at_most_once(good: list[Service], bad: list[Service]) -> None:
    found = match_services(good, bad)
    assert set(found) <= set(good)
    assert set(found.values()) <= set(bad)
    assert len(set(found.values())) == len(found)
    assert all(found.get(service) == service for service in set(good) & set(bad))


def test_dynamic_ports_of_other_servers_play_the_same_part() -> None:
    one, other = (Service("tcp", name, 0, "rpc", address=name) for name in ("10.1.1.2", "10.1.1.7"))
    assert match_services([one], [other]) == {one: other}
