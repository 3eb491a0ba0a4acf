"""The shape of a site: what a key takes, and places that reach everything inside."""

from __future__ import annotations

from ipaddress import IPv6Network
from typing import Any

import pytest
from pydantic import ValidationError

from wireproof.directaccess.site.model import Expectation, FirewallRule, Site, StaticRoute
from wireproof.directaccess.stated import Stated
from wireproof.directaccess.topology.model import Outcome

MINIMAL: dict[str, Any] = {"entry-points": [{"name": "A", "servers": [{"name": "DA1", "internal": {}}]}]}


@pytest.mark.parametrize(
    ("given", "kept"), [("12", 12), (12, 12), ("Ethernet", "Ethernet"), ("٣", "٣"), ("9" * 20, "9" * 20)]
)
def test_an_adapter_is_named_by_index_or_name(given: Any, kept: Any) -> None:
    assert StaticRoute.model_validate({"prefix": "::/0", "interface": given}).interface == kept


@pytest.mark.parametrize("port", ["icmp", "tcp/1", "udp/65535", "tcp/3389"])
def test_a_port_is_taken(port: str) -> None:
    assert FirewallRule.model_validate({"ports": [port]}).ports == [port]


@pytest.mark.parametrize(
    "port", ["", "tcp", "tcp/", "tcp/0", "tcp/65536", "sctp/1", "3389", "tcp/٣", "tcp/-1", " icmp", 3389, None]
)
def test_what_is_no_port_is_refused(port: Any) -> None:
    with pytest.raises(ValidationError, match="is no port"):
        FirewallRule.model_validate({"ports": [port]})


def test_every_outcome_of_a_journey_can_be_expected() -> None:
    for outcome in Outcome:
        assert Expectation.model_validate({"from": "stations", "outcome": outcome.value}).outcome == outcome.value


def test_an_address_that_is_no_text_is_refused() -> None:
    with pytest.raises(ValidationError, match="is not text"):
        StaticRoute.model_validate({"prefix": 12})


def test_a_value_that_is_read_already_is_kept() -> None:
    prefix = Stated("x", IPv6Network("::/0"))
    assert StaticRoute(prefix=prefix).prefix is prefix


def test_places_reach_items_that_the_file_leaves_out() -> None:
    site = Site.model_validate({**MINIMAL, "expect": [{"from": "stations"}]})
    site.keep_lines("x.yaml", {("expect", 0): 7, (): 1})
    assert site.expect[0].to.place == ("expect", 0, "to")
    assert site.line(("expect", 0, "to", "server")) == 7
    assert site.line(("stations", 4)) == 1
    assert site.file == "x.yaml"


def test_a_site_without_a_file_has_no_lines() -> None:
    assert Site.model_validate(MINIMAL).line(("entry-points", 0)) == 0
