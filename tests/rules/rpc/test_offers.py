"""Offers: answers that name ports, as each point shows them."""

from __future__ import annotations

from pathlib import Path

from tests.support import rpc
from tests.support.rpc_talks import Story
from tests.support.verdicts import make_case
from wireproof.rules.rpc._offers import is_address, is_unspecified, naming_answers, offers_at


def test_every_point_has_the_offer_with_its_own_addresses(tmp_path: Path) -> None:
    story = Story(target="203.0.113.50", named=[("10.77.2.50", 49155)])
    case = make_case(tmp_path, story.points())
    client, server = (offers_at(case, point) for point in case.points)
    assert [offer.server for offer in client.named["10.44.1.14", 49155]] == ["203.0.113.50"]
    assert [offer.server for offer in server.named["10.44.1.14", 49155]] == ["10.77.2.50"]


def test_encrypted_answers_are_offers_without_places(tmp_path: Path) -> None:
    case = make_case(tmp_path, Story(answer=rpc.sealed(rpc.RESPONSE, 2, bytes(136)), only=("client",)).points())
    assert [message.ports for message in naming_answers(case.points[0])] == [()]
    offers = offers_at(case, case.points[0])
    assert [offer.hidden for offer in offers.hidden["10.44.1.14", "10.77.2.50"]] == [True]


def test_hosts_and_addresses_are_told_apart() -> None:
    assert [is_address(text) for text in ("10.0.0.1", "fe80::1%3", "host.corp", "")] == [True, True, False, False]
    assert [is_unspecified(text) for text in ("", "0.0.0.0", "::", "10.0.0.1", "host")] == [
        True,
        True,
        True,
        False,
        False,
    ]
