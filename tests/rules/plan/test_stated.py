"""Everything written as an address, with its place."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, review
from tests.support.site_text import change
from wireproof.rules.plan._stated import evidence, slips, stated_values


def test_every_address_of_a_site_is_found_with_its_place() -> None:
    found = {place: one.text for place, one in stated_values(review(ONE_SERVER).site)}
    assert found["entry-points", 0, "servers", 0, "external", "ipv4", 1] == "131.107.0.3"
    assert len(found) == 7


def test_slips_of_addresses_come_before_those_of_commands() -> None:
    text = change(
        ONE_SERVER, "[10.0.0.51]}}", "[10.0.0.351]}, commands: [netsh interface ipv6 add route 2001:db8::x/64 LAN]}"
    )
    one, other = slips(review(text))
    assert (one.text, one.understood, other.understood) == ("10.0.0.351", False, False)
    assert other.place[-2:] == ("commands", 0)


def test_evidence_names_file_and_line() -> None:
    row = evidence(review(ONE_SERVER), ("stations", 1), "second")
    assert (row.capture, row.line, row.note) == ("site.yaml", len(ONE_SERVER.splitlines()), "second")
