"""What is known of services and of the ranges their ports come from."""

from __future__ import annotations

import uuid

import pytest

from wireproof.rules.rpc._services import SERVICES, port_range, service_of


def test_wmi_is_pinned_as_its_article_says() -> None:
    service = service_of("8bc3f05e-d86b-11d0-a075-00c04fb68820", "WMI")
    assert "24158" in service.pin
    assert service.references == ("KB 897571",)


def test_an_unknown_service_goes_by_the_name_it_came_with() -> None:
    assert service_of("11111111-2222-3333-4444-555555555555", "its name").name == "its name"


@pytest.mark.parametrize(
    ("port", "bounds"), [(1431, "1025-5000"), (49155, "49152-65535"), (6004, "6004"), (1024, "1024")]
)
def test_a_port_tells_the_range_to_open(port: int, bounds: str) -> None:
    assert port_range(port)[0] == bounds


def test_every_key_is_a_uuid_as_it_is_decoded() -> None:
    assert [text for text in SERVICES if str(uuid.UUID(text)) != text] == []
