"""Names that have to be unique, and names that have to be those of something."""

from __future__ import annotations

from typing import Any

from wireproof.directaccess.site.model import Site
from wireproof.directaccess.site.names import find_name_problems


def make(**keys: Any) -> Site:
    entry = {"name": "A", "servers": [{"name": "DA1", "internal": {}}, {"name": "DA2", "internal": {}}]}
    site = Site.model_validate({"networks": [{"name": "servers"}], "entry-points": [entry], **keys})
    site.put_at(())
    return site


def station(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "adapter": {}, **keys}


def test_a_sound_site_has_no_problem() -> None:
    site = make(
        stations=[station("S1", adapter={"network": "servers"}, **{"entry-point": "A"})],
        expect=[{"from": "stations", "to": {"entry-point": "A", "server": "DA2"}}, {"from": "S1"}],
    )
    assert list(find_name_problems(site)) == []


def test_machines_of_different_kinds_may_not_share_a_name() -> None:
    site = make(stations=[station("da1")], routers=[{"name": "DA2", "adapters": [{}]}])
    assert [place for place, _ in find_name_problems(site)] == [
        ("entry-points", 0, "servers", 0, "name"),
        ("routers", 0, "name"),
    ]


def test_an_entry_point_may_have_the_name_of_its_server() -> None:
    site = Site.model_validate({"entry-points": [{"name": "DA1", "servers": [{"name": "DA1", "internal": {}}]}]})
    assert list(find_name_problems(site)) == []


def test_an_empty_name_is_told() -> None:
    assert [words for _, words in find_name_problems(make(stations=[station(" ")]))] == ["a name can't be empty"]


def test_names_of_nothing_are_told_with_what_there_is() -> None:
    site = make(
        stations=[station("S1", adapter={"network": "server"}, **{"entry-point": "B"})],
        expect=[{"from": "S1", "to": {"server": "DA3"}}],
    )
    told = dict(find_name_problems(site))
    assert told["stations", 0, "adapter", "network"].endswith("there are: servers; did you mean servers?")
    assert told["stations", 0, "entry-point"].endswith("there are: A")
    assert "there are: DA1, DA2" in told["expect", 0, "to", "server"]
    assert len(told) == 3


def test_hundreds_of_names_are_not_listed() -> None:
    site = make(stations=[station(f"S{number}") for number in range(500)], expect=[{"from": "nobody"}])
    ((_, words),) = find_name_problems(site)
    assert len(words) < 200
