"""Versions of Lync: the table of updates, agents and lines that tell a product, and texts that tell none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.lync_versions import (
    CLIENT_2010,
    CLIENT_2013,
    SERVER_2010,
    SERVER_2013,
    UPDATES,
    Version,
    read_agent,
    read_line,
    read_lines,
    standing,
    version_text,
)


def test_the_table_has_the_articles_updates_in_order() -> None:
    assert {product: len(updates) for product, updates in UPDATES.items()} == {
        CLIENT_2010: 13, SERVER_2010: 10, CLIENT_2013: 5, SERVER_2013: 4,
    }  # fmt: skip
    for updates in UPDATES.values():
        versions = [update.version for update in updates]
        assert versions == sorted(set(versions))
        assert all(update.article.isdigit() and len(update.article) == 7 and update.name for update in updates)


def test_october_2012_has_five_newer_ones() -> None:
    place = standing(CLIENT_2010, (4, 0, 7577, 4356))
    assert place.exact is not None
    assert place.exact.text == "October 2012 (4.0.7577.4356, KB 2737155)"
    assert [update.name for update in place.newer] == [
        "March 2013",
        "April 2013",
        "July 2013",
        "October 2013",
        "January 2014",
    ]


def test_versions_between_before_and_behind_the_list() -> None:
    between = standing(CLIENT_2010, (4, 0, 7577, 4387))
    assert (between.exact, between.before and between.before.name, between.newer[0].name) == (
        None,
        "April 2013",
        "July 2013",
    )
    assert standing(CLIENT_2010, (4, 0, 7577, 0)).before is None
    assert standing(CLIENT_2010, (4, 0, 7577, 4446)).newer == ()
    assert standing(CLIENT_2013, (15, 0, 4569, 1503)).newer == ()


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)", (CLIENT_2010, (4, 0, 7577, 4356))),
        ("UCCAPI/4.0.7577.256 OC/4.0.7577.280 (Microsoft Lync 2010)", (CLIENT_2010, (4, 0, 7577, 280))),
        ("UCCAPI/15.0.4551.1005 OC/15.0.4551.1007 (Microsoft Lync)", (CLIENT_2013, (15, 0, 4551, 1007))),
        ("UCCAPI/3.5.6907.244 OC/3.5.6907.244 (Microsoft Office Communicator 2007 R2)", None),
        ("UCCAPI/16.0.6001.1073 OC/16.0.6001.1073 (Skype for Business)", None),
        ("CPE/4.0.7577.4356 OCPhone/4.0.7577.4356 (Microsoft Lync Phone Edition)", None),
        ("UCCAPI/4.0.7577.4356 AE/4.0.7577.4356 (Microsoft Lync 2010 Attendee)", None),
        ("RTC/4.0", None),
        ("RTCC/4.0.0.0", None),
        ("RTCC/4.0.0.0 OC/4.0.0.0", None),
        ("", None),
    ],
)
def test_agents(agent: str, told: tuple[str, Version] | None) -> None:
    assert read_agent(agent) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "Microsoft Lync Server 2010, Core Components   4.0.7577.183",
            ("Lync Server 2010", SERVER_2010, (4, 0, 7577, 183)),
        ),
        (
            "Microsoft Lync Server 2013, Front End Server 5.0.8308.420",
            ("Lync Server 2013", SERVER_2013, (5, 0, 8308, 420)),
        ),
        ("4.0.7577.183  4.0.7577.183  C:\\Program Files\\RTCSrv.exe", ("RTCSrv.exe", SERVER_2010, (4, 0, 7577, 183))),
        ("communicator.exe version 4.0.7577.4398", ("communicator.exe", CLIENT_2010, (4, 0, 7577, 4398))),
        ("C:\\Office15\\lync.exe 15.0.4454.1509", ("lync.exe", CLIENT_2013, (15, 0, 4454, 1509))),
        ("Description of the Lync 2013 updates 15.0.4454.1509: February 2013", None),
        ("Description of the cumulative update 5.0.8308.291 for Lync Server 2013", None),
        ("Lync Server 2013 4.0.7577.183", None),
        ("rtcsrv.exe 15.0.4454.1509", None),
        ("lync.exe 15.0.4454.1509 or 15.0.4551.1005", None),
        ("(Version: 4.0.7577.4356)", None),
        ("notepad.exe 4.0.7577.4356", None),
        ("rtcsrv.exe 14.0.7577.183", None),
        ("User-Agent: UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)", None),
    ],
)
def test_lines(line: str, told: tuple[str, str, Version] | None) -> None:
    assert read_line(line) == told


def test_lines_are_counted_from_one() -> None:
    assert [found[0] for found in read_lines(["", "lync.exe 15.0.4454.1509", "x"])] == [2]


PRODUCTS = st.sampled_from(sorted(UPDATES))


@given(PRODUCTS, st.tuples(st.integers(0, 20), st.integers(0, 9), st.integers(0, 9999), st.integers(0, 99999)))
def test_a_version_stands_between_its_neighbours(product: str, version: Version) -> None:
    place = standing(product, version)
    older = [place.before] if place.before else []
    assert all(update.version < version for update in older)
    assert all(update.version > version for update in place.newer)
    assert len(place.newer) + bool(place.exact) <= len(UPDATES[product])
    assert read_agent(f"OC/{version_text(version)}") is None or version[0] in (4, 15)


@given(st.text(max_size=120))
def test_any_line_does_no_harm(line: str) -> None:
    read_agent(line)
    read_line(line)
