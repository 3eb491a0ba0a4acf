"""Reading a log once: packets and events of all buffers, within bounds that are told."""

from __future__ import annotations

import contextlib
import io

import pytest

from tests.capture.etl.logs import (
    TCPIP,
    Event,
    Seen,
    component,
    make_log,
    ndis,
    pack_buffer,
    pack_event,
    pack_lz77,
    pktmon,
    wan,
)
from wireproof.capture.etl import collect
from wireproof.capture.etl.collect import Collector, Contents
from wireproof.capture.etl.log import LogWalk
from wireproof.capture.etl.places import UNPACKED, Places
from wireproof.capture.etl.providers import BY_GUID
from wireproof.capture.source import CopiedSource
from wireproof.capture.streams import FileStream

FRAME = bytes(range(60))
EVENT = Event(TCPIP, 1184, b"user data", 5000, process=77, thread=88, version=2)


def read(data: bytes) -> tuple[Contents, list[bytes], list[bytes], list[str]]:
    """Contents, the bytes of packets and of other events, what was told."""
    told: list[str] = []

    def tell(text: str, _offset: int) -> None:
        told.append(text)

    source = CopiedSource(FileStream(io.BytesIO(data), regular=False, keep_open=False), 0)
    places = Places(source)
    with contextlib.closing(source), contextlib.closing(places):
        contents = Collector(LogWalk(source, "test", tell), places, tell).collect(lambda: None)
        packets = [places.read_at(int(row["place"]), int(row["captured"])) for row in contents.packets]
        facts = [places.read_at(int(row["place"]), int(row["size"])) for row in contents.facts]
    return contents, packets, facts, told


@pytest.mark.parametrize("pack", [None, pack_lz77])
def test_packets_and_events_of_all_buffers_are_found(pack: object) -> None:
    buffers = [[ndis(FRAME), EVENT], [*component(10, "driver"), pktmon(FRAME[:30]), wan(FRAME[:20])]]
    contents, packets, facts, told = read(make_log(*buffers, pack=pack))  # type: ignore[arg-type]
    assert (packets, facts, told) == ([FRAME, FRAME[:20], FRAME[:30]], [b"user data"], [])
    assert contents.packets["processor"].tolist() == [0, 1, 1]
    assert contents.components[10].driver == "driver"
    assert contents.events == 6
    fact = contents.facts[["process", "thread", "id", "version", "provider"]].tolist()
    assert fact == [(77, 88, 1184, 2, BY_GUID[TCPIP])]
    assert (contents.packets["place"] >= UNPACKED).all() == (pack is not None)


def test_buffers_that_say_something_is_lost_are_counted() -> None:
    event = pack_event(ndis(FRAME))
    lost = [pack_buffer(event, flags=flags) for flags in (0x20, 0x22, 0x24)]
    assert read(make_log(*lost))[0].lost_marks == 2


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect.MOST_PACKETS, "value", 3.0)
    monkeypatch.setattr(collect.MOST_EVENTS, "value", 1.0)
    contents, packets, facts, told = read(
        make_log([pktmon(FRAME, 0, Seen())] * 2 + [EVENT], [ndis(FRAME)] * 4 + [EVENT])
    )
    assert (len(packets), len(facts), contents.events) == (3, 1, 9)
    assert told == [
        "3 events beyond the limit capture.etl_packets are left out",
        "1 events beyond the limit capture.etl_events are left out",
    ]
