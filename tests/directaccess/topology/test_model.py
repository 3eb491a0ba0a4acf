"""Plain values of a topology."""

from __future__ import annotations

import pytest

from tests.support.nets import one_server, way
from wireproof.directaccess.topology.model import Origin, Outcome, Route, Source


def test_outcomes_are_the_words_of_the_site_file() -> None:
    assert {outcome.value for outcome in Outcome} == {
        "delivered", "wrong server", "no route", "loop", "dropped by filter", "asymmetric", "not enough known",
    }  # fmt: skip


def test_values_cannot_be_changed_once_made() -> None:
    with pytest.raises(AttributeError):
        way("::/0", "eth").metric = 1  # type: ignore[misc]


def test_what_nobody_stated_is_derived() -> None:
    assert (Route(way("::/0", "eth").prefix, "eth").origin, Origin(Source.DERIVED).place) == (
        Origin(Source.DERIVED),
        (),
    )


def test_links_and_nodes_are_found_by_name() -> None:
    topo = one_server()
    assert {interface.link for node in topo.nodes.values() for interface in node.interfaces} == set(topo.links)
