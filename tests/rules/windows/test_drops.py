"""Drops by a filter, from every source that tells them."""

from __future__ import annotations

from pathlib import Path

from tests.capture.etl.logs import Event, Seen, make_log, ndis, pktmon
from tests.support.etl_fields import pack_event_data
from tests.support.log_texts import logs_in
from tests.support.scripted import CLIENT, SERVER, Row, frames
from tests.support.trace_lines import PRINTED
from tests.support.verdicts import open_case
from wireproof.case import Case
from wireproof.logs.etl_layouts_services import WFP
from wireproof.rules.windows._drops import Drop, filter_drops

FIREWALL = (
    "2013-01-06 08:54:41 DROP TCP 10.0.107.58 10.7.3.187 59210 3389 52 S 1 0 8192 - - - RECEIVE 4\n"
    "2013-01-06 08:54:42 ALLOW TCP 10.0.107.58 10.7.3.187 59211 3389 52 S 1 0 8192 - - - RECEIVE 4\n"
    "2013-01-06 08:54:43 DROP UDP 10.7.3.187 224.0.0.252 59212 5355 52 - - - - - - - SEND 4\n"
)


def drops_in(text: str) -> list[Drop]:
    return list(filter_drops(Case([], logs=logs_in(text))))


def test_the_firewall_log_says_who_dropped_what() -> None:
    received, sent = drops_in(FIREWALL)
    assert (received.source, received.target, received.host) == (
        ("10.0.107.58", 59210),
        ("10.7.3.187", 3389),
        "10.7.3.187",
    )
    assert (received.is_sent, received.is_traced, received.is_group) == (False, False, False)
    assert (sent.is_sent, sent.is_group, sent.host) == (True, True, "10.7.3.187")


def test_a_trace_line_counts_where_its_reason_is_a_filter() -> None:
    (drop,) = drops_in(PRINTED)
    assert (drop.protocol, drop.source, drop.target) == ("icmp", ("192.168.5.68", 0), ("192.168.5.88", 0))
    assert (drop.is_sent, drop.host, drop.evidence[0].line) == (True, "192.168.5.68", 3)


def test_pktmon_counts_where_its_number_is_a_filter(tmp_path: Path) -> None:
    path = tmp_path / "a.etl"
    both = frames([Row(0.0, "c", "S"), Row(1.0, "c", "S")])
    path.write_bytes(
        make_log(
            [
                pktmon(one.data, turn, Seen(group=turn + 1, number=turn + 1, reason=reason))
                for turn, (one, reason) in enumerate(zip(both, (909, 30), strict=True))
            ]
        )
    )
    (drop,) = filter_drops(open_case({"server": path}))
    assert (drop.source, drop.target, [piece.frame for piece in drop.evidence]) == (CLIENT, SERVER, [1])


def test_events_of_wfp_count_by_the_way_that_their_layer_tells(tmp_path: Path) -> None:
    ends = {"local": SERVER, "remote": CLIENT}
    events = [
        Event(WFP, 1001, pack_event_data(WFP, 1001, layer=layer, direction=0x3901, **ends), turn)
        for turn, layer in enumerate((44, 48, 45, 13))
    ]
    path = tmp_path / "a.etl"
    syn = frames([Row(0.0, "c", "S")])
    path.write_bytes(make_log([*(ndis(one.data) for one in syn), *events]))
    arrived, left = filter_drops(open_case({"server": path}))
    assert (arrived.source, arrived.target, arrived.is_sent, arrived.protocol) == (CLIENT, SERVER, False, "tcp")
    assert (left.source, left.target, left.is_sent, left.host) == (SERVER, CLIENT, True, SERVER[0])
    assert [piece.line for piece in (*arrived.evidence, *left.evidence)] == [1, 2]
