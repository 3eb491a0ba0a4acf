"""The DirectAccess connection process as a whole: which stages, with which frames, and where it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from examples.files import SECOND, Frame
from examples.filler import dns_question
from examples.packets import UDP
from tests.cases import d13_iphttps_certificate
from tests.cases import d21_directaccess as d21
from tests.cases.healthy import HEALTHY
from tests.support.directaccess import case_of, cut_case, frames_case, scene_case, scene_timeline
from tests.support.verdicts import open_case
from wireproof.processes.stage import Outcome
from wireproof.processes.timeline import Timeline

STAGES = [
    "network-change", "ncsi-probe", "location-probe", "location", "endpoint-resolved", "transport-connected", "tls-hello",
    "tls-done", "tunnel-up", "second-probe", "main-mode", "quick-mode", "esp-traffic",
]  # fmt: skip

STOPS: list[tuple[dict[str, Any], str, str]] = [
    ({"stop": "endpoint-resolved"}, "endpoint-resolved", "location"),
    ({"stop": "endpoint-resolved", "how": "name error"}, "endpoint-resolved", "location"),
    ({"stop": "endpoint-resolved", "how": "not begun"}, "endpoint-resolved", "location"),
    ({"stop": "transport-connected"}, "transport-connected", "endpoint-resolved"),
    ({"stop": "transport-connected", "how": "refused"}, "transport-connected", "endpoint-resolved"),
    ({"stop": "tls-done"}, "tls-done", "tls-hello"),
    ({"stop": "tls-done", "how": "reset"}, "tls-done", "tls-hello"),
    ({"stop": "tls-done", "how": "alert"}, "tls-done", "tls-hello"),
    ({"stop": "tls-done", "how": "certificate"}, "tunnel-up", "tls-done"),
    ({"stop": "tls-done", "how": "certificate", "system": 7}, "tunnel-up", "tls-done"),
    ({"stop": "tunnel-up"}, "tunnel-up", "tls-done"),
    ({"stop": "tunnel-up", "how": "refused"}, "tunnel-up", "tls-done"),
    ({"stop": "tunnel-up", "how": "no router"}, "tunnel-up", "tls-done"),
    ({"stop": "tunnel-up", "how": "no router", "shown": "outer"}, "tunnel-up", "tls-done"),
    ({"stop": "tunnel-up", "transport": "Teredo"}, "transport-connected", "location"),
    ({"stop": "main-mode"}, "main-mode", "tunnel-up"),
    ({"stop": "main-mode", "how": "error"}, "main-mode", "tunnel-up"),
    ({"stop": "main-mode", "shown": "outer"}, "main-mode", "tunnel-up"),
    ({"stop": "main-mode", "shown": "tunnel"}, "main-mode", "tunnel-up"),
    ({"stop": "main-mode", "transport": "6to4"}, "main-mode", "tunnel-up"),
    ({"stop": "quick-mode"}, "quick-mode", "main-mode"),
    ({"stop": "quick-mode", "transport": "Teredo"}, "quick-mode", "main-mode"),
    ({"stop": "esp-traffic"}, "esp-traffic", "quick-mode"),
    ({"stop": "esp-traffic", "shown": "tunnel"}, "esp-traffic", "quick-mode"),
]
COMES_UP: list[dict[str, Any]] = [
    {}, {"shown": "outer"}, {"shown": "tunnel"}, {"system": 7}, {"transport": "Teredo"}, {"transport": "6to4"},
    {"no_such_name": True}, {"location": "nls.contoso.com"}, {"location": "intranet.contoso.com"},
    {"location": "intranet.contoso.com", "system": 7}, {"location": "nls.corp.example"},
]  # fmt: skip


def named(fields: object) -> str:
    return "-".join(f"{key}={value}" for key, value in fields.items()) if isinstance(fields, dict) else str(fields)


def test_a_connection_that_comes_up_has_every_stage_at_its_frame(tmp_path: Path) -> None:
    case = scene_case(tmp_path)
    timeline, point = case.points[0].directaccess, case.points[0]
    assert timeline is not None
    assert [stage.name for stage in timeline.stages] == STAGES
    frames = {stage.name: [point.packets.number(step.row) for step in stage.steps] for stage in timeline.stages}
    assert {name: number for name, number in d21.EXPECT["frames"].items() if number not in frames[name]} == {}
    assert frames["location-probe"] == list(d21.LOCATION_FRAMES)
    assert frames["transport-connected"] == list(d21.HANDSHAKE)
    assert frames["main-mode"][0] == d21.FIRST_INNER
    assert (timeline.client, timeline.server, timeline.endpoint) == (d21.CLIENT, f"{d21.SERVER}:443", d21.ENDPOINT)
    assert (timeline.transport, timeline.location, timeline.stopped_at) == ("IP-HTTPS", "outside", "")
    assert timeline.system == "Windows 8 / Server 2012 or later"


@pytest.mark.parametrize("fields", COMES_UP, ids=named)
def test_a_connection_that_comes_up_did_not_stop(tmp_path: Path, fields: dict[str, Any]) -> None:
    timeline = scene_timeline(tmp_path, **fields)
    assert timeline.stopped is None
    assert timeline.transport == fields.get("transport", "IP-HTTPS")
    assert timeline.location == "outside"
    for name in ("tunnel-up", "main-mode", "quick-mode", "esp-traffic"):
        stage = timeline.stage(name)
        assert stage is not None
        assert stage.outcome is Outcome.DONE, name


@pytest.mark.parametrize(("fields", "stopped", "done"), STOPS, ids=named)
def test_a_connection_that_is_cut_off_stops_there(
    tmp_path: Path, fields: dict[str, Any], stopped: str, done: str
) -> None:
    timeline = scene_timeline(tmp_path, **fields)
    assert timeline.stopped_at == stopped
    assert timeline.last_done is not None
    assert timeline.last_done.name == done


@pytest.mark.parametrize(
    "until_s", [9.5, 13.01, 13.05, 13.075, 13.1, 13.15, 13.2, 13.26, 14.5, 15.5, 16.02, 16.3, 17.02]
)
@pytest.mark.parametrize("shown", ["both", "outer"])
def test_a_capture_that_ends_under_way_shows_no_stop(tmp_path: Path, until_s: float, shown: str) -> None:
    timeline = cut_case(tmp_path, until_s, shown=shown).points[0].directaccess
    assert timeline is not None
    assert timeline.stopped_at == ""


def test_the_inside_of_an_encrypting_tunnel_is_not_guessed_at(tmp_path: Path) -> None:
    timeline = scene_timeline(tmp_path, system=7, shown="outer")
    assert timeline.stopped_at == ""
    assert timeline.system == "Windows 7 / Server 2008 R2"
    assert [stage.outcome for stage in timeline.stages[-3:]] == [Outcome.NOT_SEEN] * 3
    assert any("tunnel interface" in remark for remark in timeline.remarks)


def test_a_client_that_reaches_its_location_server_is_inside(tmp_path: Path) -> None:
    timeline = scene_timeline(tmp_path, inside=True)
    assert (timeline.location, timeline.stopped_at, timeline.transport) == ("inside", "", "")


def test_a_client_of_which_only_lookups_are_seen_did_not_stop(tmp_path: Path) -> None:
    frames = d21.frames(d21.Scene(stop="endpoint-resolved", how="not begun"))
    lookups = [frame for frame in frames if frame.data[23] == 17 and b"\x00\x35" in frame.data[34:38]]
    late = frames[-1]._replace(time_ns=frames[-1].time_ns + 60 * SECOND)
    timeline = frames_case(tmp_path, [*lookups, late]).points[0].directaccess
    assert timeline is not None
    assert timeline.stopped_at == ""


@pytest.mark.parametrize("name", HEALTHY)
def test_other_traffic_shows_no_such_process(tmp_path: Path, name: str) -> None:
    assert [point.directaccess for point in open_case(HEALTHY[name](tmp_path)).points if point.directaccess] == []


def test_of_several_clients_the_one_that_stopped_is_told_of(tmp_path: Path) -> None:
    good, bad = d21.frames(d21.Scene()), d21.frames(d21.Scene(stop="tls-done", how="reset"))
    other = bytes((192, 168, 137, 20)), bytes((192, 168, 137, 99))
    moved = [frame._replace(data=frame.data.replace(*other), time_ns=frame.time_ns + 200 * SECOND) for frame in bad]
    timeline = frames_case(tmp_path, [*good, *moved]).points[0].directaccess
    assert timeline is not None
    assert (timeline.client, timeline.stopped_at) == ("192.168.137.99", "tls-done")
    assert any("2 DirectAccess clients" in remark for remark in timeline.remarks)


def teredo_alone(*, for_all: bool) -> list[Frame]:
    """Router solicitations by Teredo that nobody answers, to a server for everybody or to one that no name tells."""
    frames = d21.frames(d21.Scene(transport="Teredo", stop="tunnel-up"))
    name = "win10.ipv6.microsoft.com" if for_all else "www.example.org"
    query = d21.up(UDP(50001, 53, dns_question(9, name)), target=d21.GATEWAY)
    return sorted([*frames, Frame(d21.START_NS + 13 * SECOND, query)])


def test_teredo_with_a_server_for_everybody_is_not_that_of_the_organisation(tmp_path: Path) -> None:
    own, public = (frames_case(tmp_path, teredo_alone(for_all=flag)).points[0].directaccess for flag in (False, True))
    assert own is not None
    assert (own.transport, own.stopped_at) == ("Teredo", "transport-connected")
    assert public is not None
    assert (public.transport, public.stopped_at) == ("", "endpoint-resolved")


def test_teredo_beside_ip_https_does_not_hide_where_that_stopped(tmp_path: Path) -> None:
    carried = [frame for frame in teredo_alone(for_all=False) if b"\x0d\xd8" in frame.data[34:38]]
    frames = sorted([*d21.frames(d21.Scene(stop="endpoint-resolved", how="name error")), *carried])
    timeline = frames_case(tmp_path, frames).points[0].directaccess
    assert timeline is not None
    assert timeline.stopped_at == "endpoint-resolved"
    assert timeline.endpoint == d21.ENDPOINT


def test_a_way_that_fails_does_not_hide_the_one_that_works(tmp_path: Path) -> None:
    failed = d21.frames(d21.Scene(transport="Teredo", stop="main-mode"))
    good = [frame._replace(time_ns=frame.time_ns + 30 * SECOND) for frame in d21.frames(d21.Scene())]
    timeline = frames_case(tmp_path, sorted([*failed, *good])).points[0].directaccess
    assert timeline is not None
    assert (timeline.transport, timeline.stopped_at) == ("IP-HTTPS", "")


def test_an_empty_capture_shows_nothing(tmp_path: Path) -> None:
    assert case_of(d21.write(tmp_path / "client.pcapng", [])).points[0].directaccess is None


def cut_after(folder: Path, number: int, *, chatter: bool = True, **fields: Any) -> Timeline:
    """The frames up to one, and a minute behind it in which the client looks for names only, or is silent."""
    frames = d21.frames(d21.Scene(**fields))[:number]
    last = frames[-1].time_ns
    asked = d21.up(UDP(50900, 53, dns_question(77, "time.example.org")), target=d21.GATEWAY)
    foreign = frames[0].data
    later = [Frame(last + turn * 10 * SECOND, asked if chatter else foreign) for turn in range(1, 7)]
    timeline = frames_case(folder, [*frames, *later]).points[0].directaccess
    assert timeline is not None
    return timeline


@pytest.mark.parametrize(
    ("number", "stopped", "done"),
    [
        (175, "endpoint-resolved", "location"),
        (186, "transport-connected", "endpoint-resolved"),
        (189, "tls-done", "transport-connected"),
        (193, "tunnel-up", "tls-done"),
    ],
)
def test_a_stage_that_does_not_begin_in_a_minute_is_where_it_stopped(
    tmp_path: Path, number: int, stopped: str, done: str
) -> None:
    timeline = cut_after(tmp_path, number)
    assert timeline.stopped_at == stopped
    assert timeline.last_done is not None
    assert timeline.last_done.name == done
    if number >= 186:
        resolved = timeline.stage("endpoint-resolved")
        assert resolved is not None
        assert resolved.facts["name"] == d21.ENDPOINT


def test_a_connection_that_goes_silent_shows_it_whatever_else_the_capture_holds(tmp_path: Path) -> None:
    assert cut_after(tmp_path, 189, chatter=False).stopped_at == "tls-done"


def from_the_middle(folder: Path, number: int, shown: str) -> Timeline:
    """A scene without the frames up to one."""
    scene = d21.Scene(shown=shown)
    items = [item for item in sorted(d21.story(scene)) if item.number > number]
    frames = [Frame(d21.START_NS + round(item.time_s * SECOND), item.data, interface=item.interface) for item in items]
    timeline = frames_case(folder, sorted(frames)).points[0].directaccess
    assert timeline is not None
    return timeline


@pytest.mark.parametrize("shown", ["outer", "tunnel"])
@pytest.mark.parametrize("number", [271, 273])
def test_a_capture_that_begins_with_an_answer_still_knows_its_client(tmp_path: Path, number: int, shown: str) -> None:
    timeline = from_the_middle(tmp_path, number, shown)
    assert timeline.transport == "IP-HTTPS"
    assert timeline.client == (d21.CLIENT if shown == "outer" else d21.INNER)
    assert not any("clients" in remark for remark in timeline.remarks)
    for name in ("main-mode", "quick-mode"):
        stage = timeline.stage(name)
        assert stage is not None
        tunnels = stage.facts["tunnels"]
        assert isinstance(tunnels, list)
        assert [(tunnel["client"], tunnel["server"]) for tunnel in tunnels] == [(d21.INNER, d21.INNER_SERVER)]
    assert Outcome.UNDER_WAY not in {stage.outcome for stage in timeline.stages}


def test_outside_is_told_by_a_frame_or_not_at_all(tmp_path: Path) -> None:
    place = scene_timeline(tmp_path, shown="tunnel").stage("location")
    assert place is not None
    assert (place.facts["told_by"], len(place.steps)) == ("what follows", 1)
    hinted = open_case(d13_iphttps_certificate.build(tmp_path)).points[0].directaccess
    assert hinted is not None
    assert (hinted.certain, hinted.location, hinted.system) == (False, "", "")


def test_a_client_is_not_called_a_server_by_a_vendor_id_of_both(tmp_path: Path) -> None:
    vendor = bytes.fromhex("1e2b516905991c7d7c96fcbfb587e461")
    nine, eight = vendor + b"\0\0\0\x09", vendor + b"\0\0\0\x08"
    frames = d21.frames(d21.Scene(system=7))
    timeline = frames_case(tmp_path, [frame._replace(data=frame.data.replace(nine, eight)) for frame in frames])
    assert timeline.points[0].directaccess is not None
    assert timeline.points[0].directaccess.system == "Windows 7 or Server 2008 R2"
