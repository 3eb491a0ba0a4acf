"""Operations, methods and prefixes in words."""

from __future__ import annotations

import pytest

from tests.support.sites import GATEWAY, LAN, OPERATIONS, make_prefixes
from wireproof.directaccess.plan.model import AdapterName, Operation, Role, SetForwarding
from wireproof.directaccess.site.model import Method
from wireproof.directaccess.topology.model import Outcome
from wireproof.report.plan.words import METHODS, ROLES, SIGNS, adapter_words, describe, list_prefixes, name_some


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: type(operation).__name__)
def test_every_operation_has_words_of_its_own(operation: Operation) -> None:
    assert describe(operation) != type(operation).__name__


def test_a_route_names_prefix_next_hop_adapter_metric_and_publishing() -> None:
    assert describe(OPERATIONS[1]) == f"Route 2002:836b:2:1000::/64 to {GATEWAY} on Ethernet, metric 5, published"


def test_a_switch_that_is_not_given_is_not_named() -> None:
    assert describe(SetForwarding(LAN, None, advertising=True)) == "Turn advertising on on Ethernet"
    assert describe(SetForwarding(LAN)) == "Turn forwarding on on Ethernet"


def test_every_method_role_and_outcome_has_a_name() -> None:
    assert set(METHODS) == set(Method)
    assert set(ROLES) == set(Role)
    assert set(SIGNS) == set(Outcome)


def test_an_adapter_is_named_by_alias_then_index_then_by_what_to_ask() -> None:
    assert adapter_words(AdapterName("Corp", 12)) == "Corp"
    assert adapter_words(AdapterName(index=12)) == "interface 12"
    assert adapter_words(AdapterName(ask="the ISATAP adapter")) == "the ISATAP adapter"


def test_a_server_does_not_repeat_the_prefix_of_its_entry_point() -> None:
    lines = list(list_prefixes(make_prefixes()))
    assert [(line.owner, line.purpose) for line in lines] == [
        ("Main", "organisation"), ("Main", "stations"), ("Main", "IP-HTTPS clients"), ("Main", "DNS64"), ("DA1", "next hop"),
    ]  # fmt: skip
    assert lines[2].source == "the site file; derived it would be 2002:836b:3:1000::/64"


def test_many_names_are_counted() -> None:
    assert name_some(tuple(f"DESK{number}" for number in range(1000))) == "DESK0, DESK1, DESK2 and 997 more"
