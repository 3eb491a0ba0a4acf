"""Which server is the DirectAccess server: by a connection that is a sign, by what follows the location probe, or by time."""

from __future__ import annotations

from pathlib import Path

from examples.files import Frame
from examples.filler import dns_answer, dns_question
from examples.packets import TCP, UDP, mss
from tests.cases import d21_directaccess as d21
from tests.support.directaccess import frames_case, scene_sight, sight_of
from wireproof.processes.endpoint import find_carrier, find_endpoint
from wireproof.processes.signs import Sign, find_signs
from wireproof.processes.stage import Step


def test_a_connection_that_is_a_sign_names_the_server(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    found = find_endpoint(sight, d21.CLIENT, find_signs(sight))
    assert found.name == d21.ENDPOINT
    assert [lookup.name for lookup in found.lookups] == [d21.ENDPOINT]
    assert list(found.numbers) == sight.connections(d21.CLIENT, 443)


def test_a_name_that_is_known_from_elsewhere_names_the_server_and_its_connections(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, system=7, shown="outer")
    signs = [sign for sign in find_signs(sight, d21.ENDPOINT.lower()) if sign.endpoint]
    assert [(sign.client, sign.certain) for sign in signs] == [(d21.CLIENT, True)]
    found = find_endpoint(sight, d21.CLIENT, signs)
    assert (found.name, list(found.numbers)) == (d21.ENDPOINT.lower(), sight.connections(d21.CLIENT, 443))


def test_what_is_asked_for_after_the_location_server_is_the_server(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, system=7, shown="outer")
    found = find_endpoint(sight, d21.CLIENT, find_signs(sight))
    assert (found.name, list(found.numbers)) == (d21.ENDPOINT, sight.connections(d21.CLIENT, 443))


def test_a_name_that_is_never_answered_is_the_server_too(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, stop="endpoint-resolved")
    found = find_endpoint(sight, d21.CLIENT, find_signs(sight))
    assert (found.name, found.numbers) == (d21.ENDPOINT, ())


def test_other_names_and_sites_that_follow_are_not_taken_for_it(tmp_path: Path) -> None:
    frames = d21.frames(d21.Scene(stop="endpoint-resolved", how="not begun"))
    web = "203.0.113.9"
    more = [
        (12.0, d21.up(UDP(50001, 53, dns_question(7, "wpad.contoso.com")), target=d21.GATEWAY)),
        (12.1, d21.up(UDP(50002, 53, dns_question(8, "www.example.org")), target=d21.GATEWAY)),
        (12.2, d21.down(UDP(53, 50002, dns_answer(8, "www.example.org", web)), source=d21.GATEWAY)),
        (12.3, d21.up(TCP(50003, 443, 1, 0, "S", 8192, mss(1460)), target=web)),
        (12.4, d21.up(TCP(50004, 443, 1, 0, "S", 8192, mss(1460)), target="203.0.113.77")),
    ]
    frames += [Frame(d21.START_NS + round(time_s * 1e9), data) for time_s, data in more]
    sight = sight_of(frames_case(tmp_path, sorted(frames)).points[0])
    found = find_endpoint(sight, d21.CLIENT, find_signs(sight))
    assert (found.name, found.numbers) == ("", ())


def test_the_carrier_of_a_tunnel_is_found_by_time(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, system=7, location="intranet.contoso.com")
    (sign,) = find_signs(sight)
    assert [find_carrier(sight, sign)] == sight.connections(d21.CLIENT, 443)


def test_a_packet_found_in_a_stream_names_its_carrier(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, shown="outer")
    row = sight.packets.frames
    assert [find_carrier(sight, Sign(d21.INNER, Step(row, "")))] == sight.connections(d21.CLIENT, 443)


def test_a_tunnel_by_itself_has_no_carrier(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, shown="tunnel")
    assert find_carrier(sight, find_signs(sight)[0]) == -1
