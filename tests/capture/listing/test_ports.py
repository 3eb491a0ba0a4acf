"""Names of ports as listings print them."""

from __future__ import annotations

import pytest

from wireproof.capture.listing.ports import port_number, stand_in_port


@pytest.mark.parametrize(
    ("name", "port"),
    [
        ("443", 443),
        ("http", 80),
        ("rmiactivation", 1098),
        ("MS WBT Server(3389)", 3389),
        ("wsdapi", 5357),
        ("99999", None),
        ("no such name", None),
    ],
)
def test_names_and_numbers_become_ports(name: str, port: int | None) -> None:
    assert port_number(name) == port


def test_a_made_up_port_is_of_the_dynamic_range_and_always_the_same() -> None:
    assert 49_152 <= stand_in_port("10.0.0.1", "DNS") == stand_in_port("10.0.0.1", "DNS") < 65_536
