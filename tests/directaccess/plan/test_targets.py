"""Where packets for clients have to go."""

from __future__ import annotations

from ipaddress import IPv6Network

from tests.support.plans import BALANCED, ONE_SERVER, review
from tests.support.site_text import change
from wireproof.directaccess.plan.targets import find_targets
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Method


def targets(text: str, method: Method) -> list[tuple[str, str]]:
    return [(str(one.prefix), str(one.next_hop)) for one in find_targets(Work(review(text).ground, method))]


def test_ip_https_and_teredo_clients_of_one_server_have_one_next_hop() -> None:
    assert targets(ONE_SERVER, Method.NATIVE_AUTOMATIC) == [
        ("2002:836b:2:1000::/64", "2002:836b:2:3333::1"),
        (str(IPv6Network("2001:0:836b:2::/64")), "2002:836b:2:3333::1"),
    ]


def test_without_teredo_there_is_no_teredo_prefix() -> None:
    assert len(targets(change(ONE_SERVER, "teredo: true", "teredo: false"), Method.NATIVE_AUTOMATIC)) == 1


def test_the_balancer_is_next_hop_for_all_its_servers_and_each_server_otherwise() -> None:
    assert [hop for _, hop in targets(BALANCED, Method.FORWARDING)] == ["2131::1", "2131::1"]
    assert [hop for _, hop in targets(BALANCED, Method.NATIVE_OWN)] == ["2131::101", "2131::201"]


def test_teredo_clients_behind_a_balancer_are_no_target() -> None:
    assert len(targets(change(BALANCED, "teredo: false", "teredo: true"), Method.FORWARDING)) == 2


def test_a_default_route_stands_for_all_where_one_next_hop_serves_all() -> None:
    assert targets("default-route: true\n" + ONE_SERVER, Method.NATIVE_AUTOMATIC) == [("::/0", "2002:836b:2:3333::1")]
    assert len(targets("default-route: true\n" + BALANCED, Method.NATIVE_OWN)) == 2
