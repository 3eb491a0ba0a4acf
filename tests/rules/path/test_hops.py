"""Every direction of every hop, with its points and labels."""

from __future__ import annotations

from pathlib import Path

from tests.support.alignments import Scene, align, questions, short_path
from tests.support.middleboxes import Lose, SourceNat, data_numbers
from wireproof.case import Case
from wireproof.finding import Confidence
from wireproof.rules.path._hops import ways


def lossy(folder: Path) -> Case:
    parts = short_path(Lose(data_numbers(False, 4)), SourceNat("198.51.100.7"))
    return align(folder, Scene(parts), [questions(3), questions(3, "football")])


def test_each_conversation_has_two_ways_and_uneven_ones_are_few(tmp_path: Path) -> None:
    case = lossy(tmp_path)
    assert len(list(ways(case))) == 4
    assert {way.flow.toward for way in ways(case, uneven=True)} == {"server", "client"}
    assert len(list(ways(case, uneven=True))) == 2


def test_a_way_knows_who_sends_and_by_what_name(tmp_path: Path) -> None:
    way = next(way for way in ways(lossy(tmp_path), uneven=True) if way.flow.toward == "client")
    assert (way.sender.name, way.receiver.name, way.origin) == ("server", "client", "server")
    assert way.origin_endpoint == "10.1.2.8:9000"
    assert way.where == "between client and server"
    assert way.certainty is Confidence.HIGH
    assert way.opposite.toward == "server"


def test_the_label_has_the_first_points_addresses_and_the_others_beside(tmp_path: Path) -> None:
    label = next(ways(lossy(tmp_path))).label()
    assert (label.client, label.server) == ("10.1.1.9:50001", "10.1.2.8:9000")
    assert dict(label.seen_as) == {"server": ("198.51.100.7:40001", "10.1.2.8:9000")}


def test_filters_show_the_conversation_at_both_points(tmp_path: Path) -> None:
    filters = next(ways(lossy(tmp_path))).filters()
    assert "10.1.1.9" in filters["client"]
    assert "198.51.100.7" in filters["server"]


def test_arrived_packets_are_evidence_at_both_ends(tmp_path: Path) -> None:
    way = next(way for way in ways(lossy(tmp_path)) if way.flow.toward == "server")
    found = way.arrived(way.flow.sent[:2], "arrives")
    assert [(piece.capture, piece.mark) for piece in found] == [("client", "seen"), ("server", "seen")] * 2
    assert found[1].note == f"the same as client {found[0].frame}"


def test_payload_that_arrived_is_counted_as_it_came(tmp_path: Path) -> None:
    way = next(way for way in ways(lossy(tmp_path), uneven=True) if way.flow.toward == "client")
    packets = way.receiver.packets
    assert (packets.length[way.arriving] > 0).all()
    assert len(way.arriving) == sum(packets.length[way.flow.received] > 0)


def test_a_single_capture_has_no_ways(tmp_path: Path) -> None:
    from tests.support.verdicts import make_case

    assert list(ways(make_case(tmp_path, {"client": Scene(short_path()).captures()["client"]}))) == []
