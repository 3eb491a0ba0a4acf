"""A listing says no more than the capture that it was printed from, and the same as far as its columns go."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cases.healthy import HEALTHY
from tests.cases.variants import VARIANTS
from tests.support.files import write_pcap
from tests.support.path import Link, Part, Point, World
from tests.support.printed import COLUMNS, print_listing, print_listings
from tests.support.talk import Close, Send, Talk
from tests.support.tcp_end import Host, Stack
from tests.support.trouble import StripOptions
from tests.support.verdicts import judge, open_case
from tools.measure import PACKAGE
from wireproof.analyse import analyse
from wireproof.errors import CaptureFormatError

CONCLUSIONS = {
    "d2_rdp": ("tcp-connection-refused",),
    "d3_delayed_ack": ("tcp-delayed-ack",),
    "d4_smtp_mss": ("tcp-mss-exceeded",),
    "d5_syn_attack": ("tcp-syn-flood",),
    "d6_lync_signin": ("path-forged-reset", "tcp-syn-unanswered"),
    "d8_arp_burst": ("arp-burst",),
    "d9_desktop_sharing": ("tcp-connection-refused",),
    "d10_nlb": ("arp-multicast-mac",),
    "d15_rpc": ("path-loss", "tcp-syn-unanswered"),
    "d16_sql_wan": ("path-latency", "path-header-rewritten"),
    "d21_directaccess": (),
}
"""What each case's listing still tells."""
CHOSEN = ("black_hole-other_addresses", "forged_reset-ipv6", "vanishing_syns-nat", "far_away-all_at_once")

READ_BY = {
    "align/absent.py": "asks whether the TTL is known",
    "align/changes.py": "leaves out what is not known, and options that one end does not print",
    "align/contents.py": "windows of lone ACKs, which are always printed; more of them only keep packets apart",
    "align/flows.py": "a TTL that is not known is the host's own",
    "align/hops.py": "identifications that are 0 tell nothing",
    "align/match.py": "windows of lone ACKs, which are always printed; identifications that are 0 tell nothing",
    "align/order.py": "asks whether the TTL is known",
    "processes/compare/transport.py": "tells an MSS that is there",
    "rules/capture/_checksums.py": "checksums of what is made of a record are right; dumped frames are whole",
    "rules/capture/_frames.py": "what is cut of a listing is not told",
    "rules/capture/duplicates.py": "identifications that are 0 tell nothing",
    "rules/capture/incomplete.py": "what is cut of a listing is not told",
    "rules/icmp/_complaints.py": "asks whether the TTL is known",
    "rules/path/_refusals.py": "asks whether the TTL is known",
    "rules/path/_traced.py": "tells what a trace says",
    "rules/path/forged_reset.py": "asks whether the TTL is known",
    "rules/path/header_rewritten.py": "takes what align/changes.py leaves",
    "rules/path/mtu_blackhole.py": "an MSS and SACK blocks that are there",
    "rules/repeats.py": "SACK blocks that are there; identifications that are 0 tell nothing",
    "rules/resets.py": "asks whether the TTL is known; identifications that are 0 tell nothing",
    "rules/rpc/_silence.py": "asks whether the TTL is known",
    "rules/segments.py": "a scale that is not known is -1",
    "rules/tcp/delayed_ack.py": "asks whether TTL and length are known; an MSS that is there",
    "rules/tcp/idle_reset.py": "asks whether the TTL is known",
    "rules/tcp/mss_exceeded.py": "an MSS that is there",
    "rules/tcp/window_limited.py": "asks whether windows and options are known",
    "rules/tcp/zero_window.py": "windows of 0, which are always printed",
}
"""Every place that reads a field which a listing may leave out, and why it says no more of a listing than of a capture."""
FIELD = re.compile(
    r"\"ttl_(?:min|max)\"|packets\.ttl|\.ip_id\b|\"syn_options\"|\"mss\"|\"window_scale\"|\"window_max\"|scaled_window\(|\.window\["
    r"|checksum_state\(|read_sack_edges\(|tells_duplicate\(|read_tcp_options\(|packets\.original"
)


@pytest.fixture
def tshark(program: Callable[[str], str]) -> str:
    return program("tshark")


def rules(paths: Mapping[str, Path]) -> set[str]:
    """Rules with findings."""
    return {finding.rule for finding in judge(open_case(paths)).findings}


def compare(
    folder: Path, tshark: str, paths: Mapping[str, Path], columns: str = "default"
) -> tuple[set[str], set[str]]:
    """Rules on captures, and rules on their listings."""
    listed = print_listings(tshark, paths, folder / "listed", COLUMNS[columns])
    return rules(paths), rules(listed)


def test_every_place_that_reads_what_a_listing_may_leave_out_says_how_it_copes() -> None:
    rooms = (PACKAGE / room for room in ("rules", "align", "processes"))
    files = (path for room in rooms for path in room.rglob("*.py"))
    reading = {path.relative_to(PACKAGE).as_posix() for path in files if FIELD.search(path.read_text(encoding="utf-8"))}
    assert reading == set(READ_BY)


@pytest.mark.parametrize("name", CONCLUSIONS)
def test_the_listing_of_a_case_tells_what_its_columns_show(tmp_path: Path, tshark: str, name: str) -> None:
    captured, listed = compare(tmp_path, tshark, importlib.import_module(f"tests.cases.{name}").build(tmp_path))
    assert set(CONCLUSIONS[name]) <= listed <= captured


@pytest.mark.parametrize("columns", sorted(COLUMNS.keys() - {"default"}))
@pytest.mark.parametrize("name", ["d4_smtp_mss", "d16_sql_wan", "d21_directaccess"])
def test_fewer_columns_tell_no_more(tmp_path: Path, tshark: str, name: str, columns: str) -> None:
    paths = importlib.import_module(f"tests.cases.{name}").build(tmp_path)
    captured, listed = compare(tmp_path, tshark, paths, columns)
    assert listed <= captured


@pytest.mark.parametrize("name", CHOSEN)
def test_the_listing_of_a_variant_tells_no_more(tmp_path: Path, tshark: str, name: str) -> None:
    captured, listed = compare(tmp_path, tshark, VARIANTS[name](tmp_path).paths, "dates")
    assert listed <= captured


@pytest.mark.parametrize("name", HEALTHY)
def test_the_listing_of_healthy_traffic_is_quiet(tmp_path: Path, tshark: str, name: str) -> None:
    captured, listed = compare(tmp_path, tshark, HEALTHY[name](tmp_path))
    assert listed <= captured


def upload(folder: Path, receiver: Stack, *between: Part) -> dict[str, Path]:
    """An upload over a slow path, with a device on the way where one is given."""
    parts = [Point("client", at="client"), Link(40, megabit=1000), *between, Link(1), Point("server", at="server")]
    world = World(parts)
    Talk(world, Host("10.0.0.1"), Host("10.9.0.2", receiver), [Send("client", 900_000), Close("client", 300)])
    return {name: write_pcap(folder / f"{name}.pcap", frames) for name, frames in world.captures().items()}


def test_options_that_a_device_strips_are_not_told_of_listings_that_may_not_print_them(
    tmp_path: Path, tshark: str
) -> None:
    paths = upload(tmp_path, Stack(), StripOptions((3, 4)))
    captured, listed = compare(tmp_path, tshark, paths, "no length")
    assert "path-header-rewritten" in captured
    assert "path-header-rewritten" not in listed


def test_columns_decide_whether_a_small_window_is_told(tmp_path: Path, tshark: str) -> None:
    capture = upload(tmp_path, Stack(scale=None, window=65_535))["client"]
    assert "tcp-window-limited" in rules({"client": capture})
    whole = print_listing(tshark, capture, tmp_path / "whole.txt")
    bare = print_listing(tshark, capture, tmp_path / "bare.txt", COLUMNS["no length"])
    assert "tcp-window-limited" in rules({"client": whole})
    assert "tcp-window-limited" not in rules({"client": bare})


REAL = (
    "arp", "dns", "http", "ice-stun-turn", "ike-esp", "ipv6-transition", "mtu-mss", "netmon", "sip", "smb", "tcp-connect", "tcp-loss", "tcp-reset",
    "tcp-slow", "tds", "tls-handshake",
)  # fmt: skip
SMALL = 20_000
A_FOLDER = 3


@pytest.mark.parametrize("folder", REAL)
def test_the_listings_of_real_captures_tell_no_more(tmp_path: Path, tshark: str, captures: Path, folder: str) -> None:
    files = sorted(file for file in (captures / folder).iterdir() if file.suffix in {".pcap", ".pcapng", ".cap"})
    small = [file for file in files if file.stat().st_size < SMALL]
    more = {}
    for file in small[:: max(len(small) // A_FOLDER, 1)][:A_FOLDER]:
        listing = print_listing(tshark, file, tmp_path / f"{file.stem}.txt")
        try:
            with analyse([str(file)]) as report:
                captured = {finding.rule for finding in report.verdicts.findings}
            with analyse([str(listing)]) as report:
                listed = {finding.rule for finding in report.verdicts.findings}
        except CaptureFormatError:
            continue
        if listed - captured:
            more[file.name] = listed - captured
    assert more == {}
