"""The providers: packets first, each GUID once, as it stands in events."""

from __future__ import annotations

from tests.capture.etl import logs
from wireproof.capture.etl.providers import BY_GUID, NDIS, PACKETS, PKTMON, PROVIDERS, WAN, guid_halves


def test_providers_of_packets_come_first() -> None:
    assert (BY_GUID[logs.NDIS], BY_GUID[logs.WAN], BY_GUID[logs.PKTMON]) == (NDIS, WAN, PKTMON)
    assert {NDIS, WAN, PKTMON} == set(range(PACKETS))


def test_every_provider_is_listed_once() -> None:
    assert len(BY_GUID) == len(PROVIDERS) < 256


def test_guids_are_given_in_the_order_of_their_bytes_in_events() -> None:
    assert guid_halves()[NDIS].tobytes() == logs.NDIS.bytes_le
