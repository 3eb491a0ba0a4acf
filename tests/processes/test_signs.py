"""The signs by which DirectAccess is recognised, and what looks like one but is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import d13_iphttps_certificate, d14_iphttps
from tests.cases import d21_directaccess as d21
from tests.support.directaccess import frames_case, scene_sight, sight_of
from tests.support.verdicts import open_case
from wireproof.processes.signs import find_signs, is_location_name, is_tunnel_pair, transport_of


def test_names_hellos_requests_and_authip_are_signs_with_their_frames(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    signs = find_signs(sight)
    assert [sight.packets.number(sign.step.row) for sign in signs] == [82, 190, 194, 226]
    assert all(sign.certain for sign in signs)
    assert [sign.inner for sign in signs] == [False, False, False, True]


def test_a_stated_name_is_a_sign_only_of_who_asks_for_it(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, system=7, shown="outer")
    assert [sign for sign in find_signs(sight, "nobody.example.org") if sign.endpoint] == []
    assert {sign.endpoint for sign in find_signs(sight, d21.ENDPOINT.lower())} >= {d21.ENDPOINT.lower()}


def test_a_hello_that_offers_encryption_is_none(tmp_path: Path) -> None:
    signs = find_signs(scene_sight(tmp_path, system=7, shown="outer", location="intranet.contoso.com"))
    assert signs == []


@pytest.mark.parametrize(
    ("fields", "is_sign"),
    [
        ({"location": "nls.contoso.com"}, True),
        ({"location": "nls.contoso.com", "stop": "transport-connected"}, True),
        ({"location": "nls.contoso.com", "stop": "endpoint-resolved"}, False),
        ({"location": "nls.example.org"}, False),
        ({"location": "nls.contoso.com", "inside": True}, False),
        ({"location": "panels.contoso.com"}, False),
    ],
)
def test_a_location_server_of_ones_own_is_one_with_what_follows(
    tmp_path: Path, fields: dict[str, Any], is_sign: bool
) -> None:
    signs = find_signs(scene_sight(tmp_path, system=7, shown="outer", **fields))
    assert [sign.step.row + 1 for sign in signs if sign.certain] == ([82] if is_sign else [])


def test_a_scanner_that_tries_suites_is_a_hint_only(tmp_path: Path) -> None:
    bare = d21.frames(d21.Scene(stop="tls-done", how="reset", location="h.example.org"), 60.0)
    mixed = [
        frame._replace(
            data=frame.data.replace(b"\xe4\x51\x01\xbb", b"\xe4\x52\x01\xbb").replace(
                b"\x01\xbb\xe4\x51", b"\x01\xbb\xe4\x52"
            )
        )
        for frame in d21.frames(d21.Scene(system=7, stop="tls-done", how="reset", location="h.example.org"), 60.0)
    ]
    later = [frame._replace(time_ns=frame.time_ns + 60_000_000_000) for frame in mixed]
    alone = find_signs(sight_of(frames_case(tmp_path, bare).points[0]))
    both = find_signs(sight_of(frames_case(tmp_path, [*bare, *later]).points[0]))
    assert [sign.certain for sign in alone] == [True]
    assert [sign.certain for sign in both] == [False]


@pytest.mark.parametrize(("module", "frame"), [(d13_iphttps_certificate, 2084), (d14_iphttps, 2657)])
def test_a_name_or_a_rhythm_is_a_hint_only(tmp_path: Path, module: object, frame: int) -> None:
    sight = sight_of(open_case(module.build(tmp_path)).points[0])  # type: ignore[attr-defined]
    (sign,) = find_signs(sight)
    assert not sign.certain
    assert sight.packets.number(sign.step.row) == frame


@pytest.mark.parametrize(
    ("address", "transport"),
    [
        (d21.INNER, "IP-HTTPS"),
        ("fd7f:f787:2112:1000:1::2", "IP-HTTPS"),
        ("2002:836b:5:8100::5", "IP-HTTPS"),
        (d21.TEREDO, "Teredo"),
        (d21.SIX_TO_FOUR, "6to4"),
        ("2001:db8::1", ""),
        ("192.0.2.1", ""),
    ],
)
def test_an_address_tells_its_transport(address: str, transport: str) -> None:
    assert transport_of(address) == transport


@pytest.mark.parametrize(
    ("client", "server", "is_pair"),
    [
        (d21.INNER, d21.INNER_SERVER, True),
        (d21.INNER, "2002:836b:6::836b:6", False),
        (d21.TEREDO, d21.INNER_SERVER, True),
        (d21.TEREDO, "fe80::1", False),
        ("2001:db8::1", "2001:db8::2", False),
    ],
)
def test_a_tunnel_has_ends_of_one_organisation(client: str, server: str, is_pair: bool) -> None:
    assert is_tunnel_pair(client, server) is is_pair


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("directaccess-nls.contoso.com", True),
        ("DirectAccess-NLS.corp.contoso.com", True),
        ("nls.contoso.com", True),
        ("nls01.contoso.com", True),
        ("da-nls.contoso.com", True),
        ("panels.contoso.com", False),
        ("nlsomething.contoso.com", False),
        ("www.nls.com", False),
    ],
)
def test_a_location_server_is_told_by_its_name(name: str, is_one: bool) -> None:
    assert is_location_name(name) is is_one
