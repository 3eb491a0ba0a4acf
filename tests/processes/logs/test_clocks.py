"""The clock of a log: stated, told by events that captures show too, or not known and why."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import judged
from tests.support.files import Frame, write_pcap
from tests.support.packets import TCP, Ethernet, IPv4
from wireproof.case import Case
from wireproof.logs.log import Log, pair_key
from wireproof.logs.pfirewall import FirewallLog
from wireproof.logs.reading import read_logs
from wireproof.processes.logs.clocks import LogClock
from wireproof.processes.logs.estimate import Missing

SECOND = 1_000_000_000
START = 1_358_000_000 * SECOND
CLIENT, SERVER = "10.1.1.1", "10.2.2.2"


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (Missing.NOTHING, "it names no event that captures show at the same moment; `case.toml` may state it"),
        (Missing.UNSEEN, "no event of it is in a capture; `case.toml` may state it"),
        (Missing.APART, "its events that captures show too (4) do not agree on one"),
        (Missing.SEVERAL, "fit several offsets about as well"),
        (Missing.CHANCE, "are too few"),
        (Missing.GAPS, "are fewer than those of the same connections that captures lack"),
    ],
)
def test_a_clock_that_is_not_known_says_why(missing: Missing, words: str) -> None:
    said = LogClock(missing=missing, shown=4).told("server.log")
    assert said.startswith("times of server.log can't be set beside the captures: no zone is stated")
    assert words in said


def test_a_clock_that_is_wrong_by_minutes_is_told_without_a_zone() -> None:
    clock = LogClock(True, -431 * SECOND, 5, kind="tcp-reset", missing=None)
    assert clock.zone_s is None
    assert "431.0 s ahead of the captures (told by 5 resets, within 0.1 s)" in clock.told("x")
    assert ", such as event 7)" in replace(clock, line=7).told("x.etl", "event")


def test_a_clock_that_strays_a_little_is_told_with_its_zone() -> None:
    clock = LogClock(True, int(-(-3600 + 37.2) * SECOND), 1, 0.25, "sip", missing=None)
    assert "UTC-01:00, 37.2 s ahead (told by 1 SIP message, within 0.2 s)" in clock.told("x")


# --- with captures ---------------------------------------------------------------------------------------------------


def syn(at_s: float, port: int, flags: str = "S") -> Frame:
    packet = IPv4(CLIENT, SERVER, TCP(port, 445, 100, flags=flags))
    return Frame(START + int(at_s * SECOND), bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)))


def firewall_line(at_s: float, port: int, action: str = "DROP", client: str = CLIENT) -> str:
    stamp = datetime.fromtimestamp(START / SECOND + at_s, UTC)
    return f"{stamp:%Y-%m-%d %H:%M:%S} {action} TCP {client} {SERVER} {port} 445 52 S 100 0 8192 - - - RECEIVE"


def trace_line(at_s: float, port: int) -> str:
    stamp = datetime.fromtimestamp(START / SECOND + at_s, UTC)
    return (
        f"[0]05E0.0AAC::{stamp:%Y/%m/%d-%H:%M:%S}.{stamp.microsecond:06}000 [Microsoft-Windows-TCPIP]TCP: connection 0xFFFF{port:04X}: "
        f"connection terminated: received RST (local={CLIENT}:{port} remote={SERVER}:445). "
    )


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    frames = [syn(0.2, 50001), syn(3.2, 50001), syn(4.5, 60002), syn(7.9, 50003)]
    with judged.closing(judged.open_case({"server": write_pcap(tmp_path / "server.pcap", frames)})) as opened:
        yield opened


def firewall_log(*lines: str) -> FirewallLog:
    (log,) = read_logs("\n".join(lines).encode(), "pfirewall.log")
    assert isinstance(log, FirewallLog)
    return log


def test_the_zone_of_a_firewall_log_is_told_by_its_syns_with_one_of_them(case: Case) -> None:
    log = firewall_log(
        firewall_line(3600, 50001), firewall_line(3603, 50001), firewall_line(3604, 60002), firewall_line(3607, 50003)
    )
    clock = case.log_clock(log)
    assert (clock.zone_s, clock.matched, clock.stated) == (3600, 3, False)
    assert clock.told("pfirewall.log") == (
        "times of pfirewall.log are taken as UTC+01:00 (told by 3 SYNs, within 0.4 s, such as line 3 and frame 3 of server)"
    )
    assert case.log_clock(log) is clock


def test_a_points_own_clock_is_told_by_that_point_alone(case: Case) -> None:
    log = firewall_log(firewall_line(3600, 50001), firewall_line(3604, 60002), firewall_line(3607, 50003))
    assert case.log_clock(log, case.points[0]).zone_s == 3600


def test_a_log_of_other_connections_has_no_known_clock(case: Case) -> None:
    log = firewall_log(firewall_line(3600, 60001), firewall_line(3604, 60009), firewall_line(3607, 60003))
    assert case.log_clock(log).missing is Missing.UNSEEN


def test_one_connection_of_many_that_the_capture_should_show_is_none_of_them(case: Case) -> None:
    log = firewall_log(
        firewall_line(3600, 50001), *(firewall_line(3602 + turn, 60001 - turn * 7) for turn in range(1, 5))
    )
    assert case.log_clock(log).missing is Missing.GAPS


def test_a_stated_zone_is_taken_and_made_exact_by_events(case: Case) -> None:
    log = firewall_log(firewall_line(7200, 50001), firewall_line(7204, 60002))
    log.zone_s = 7200
    clock = case.log_clock(log)
    assert (clock.zone_s, clock.stated, clock.matched) == (7200, True, 2)
    assert "as stated; told by 2 SYNs" in clock.told("x")


def test_a_stated_zone_that_events_contradict_is_kept_and_the_contradiction_told(case: Case) -> None:
    log = firewall_log(firewall_line(7200, 50001), firewall_line(7204, 60002))
    log.zone_s = 3600
    clock = case.log_clock(log)
    assert (clock.zone_s, clock.matched) == (3600, 0)
    assert "would put them 36" in clock.told("x")
    assert clock.told("x").endswith(" s earlier")


def test_the_zone_of_a_file_beside_the_log_is_named_by_it_and_gives_way_to_events(case: Case) -> None:
    log = firewall_log(firewall_line(7200, 50001), firewall_line(7204, 60002))
    log.zone_s, log.zone_file = 3600, "clock.txt"
    assert (case.log_clock(log).zone_s, case.log_clock(log).stated) == (7200, False)
    alone = Log(file="events.txt", zone_s=3600, zone_file="clock.txt")
    clock = case.log_clock(alone)
    assert (clock.zone_s, clock.stated) == (3600, True)
    assert clock.told("events.txt") == "times of events.txt are taken as UTC+01:00 (as clock.txt beside it states)"


def test_a_log_in_utc_needs_no_event() -> None:
    clock = Case([]).log_clock(Log(file="x", in_utc=True))
    assert (clock.known, clock.offset_ns, clock.zone_s) == (True, 0, 0)
    assert clock.told("x") == "times of x are taken as UTC (as stated)"


def test_captures_whose_clocks_can_not_be_compared_are_asked_one_by_one(tmp_path: Path) -> None:
    mine = [syn(at, port) for at, port in ((0.2, 50001), (4.5, 60002), (7.9, 50003))]
    other = Frame(
        START, bytes(Ethernet("02:00:00:00:00:03", "02:00:00:00:00:04", IPv4("10.9.9.9", "10.8.8.8", TCP(1, 2, 3))))
    )
    paths = {
        "elsewhere": write_pcap(tmp_path / "elsewhere.pcap", [other]),
        "server": write_pcap(tmp_path / "server.pcap", mine),
    }
    log = firewall_log(firewall_line(3600, 50001), firewall_line(3604, 60002), firewall_line(3607, 50003))
    with judged.closing(judged.open_case(paths)) as opened:
        assert (opened.log_clock(log).zone_s, opened.log_clock(log).witness) == (3600, "server")
        assert opened.log_clock(log, opened.points[0]).missing is Missing.UNSEEN


def test_one_event_may_hit_a_zone_on_the_clock_of_the_capture_that_shows_it(tmp_path: Path) -> None:
    mine = [(0.2, 50001), (4.5, 60002), (7.9, 50003)]
    paths = {
        "client": write_pcap(tmp_path / "client.pcap", [syn(at, port) for at, port in mine]),
        "server": write_pcap(tmp_path / "server.pcap", [syn(at + 12, port) for at, port in mine]),
    }
    log = firewall_log(firewall_line(3612, 50001))
    with judged.closing(judged.open_case(paths)) as opened:
        clock = opened.log_clock(log)
        assert opened.alignment.clocks[1].group == 0
        assert (clock.zone_s, clock.witness, clock.matched) == (3600, "server", 1)
        assert abs(clock.offset_ns / SECOND + 3612) < 0.5


CONNECTIONS = st.lists(
    st.tuples(st.floats(0, 600), st.integers(49152, 65535)), min_size=2, max_size=12, unique_by=lambda one: one[1]
)
ZONES = st.integers(-48, 56).map(lambda quarters: quarters * 900)


def clock_of(connections: list[tuple[float, int]], text: str, flags: str = "S") -> LogClock:
    """The clock of the log in a text beside a capture of packets at seconds, from ports."""
    frames = [syn(at, port, flags) for at, port in sorted(connections)]
    with tempfile.TemporaryDirectory() as folder:
        path = write_pcap(Path(folder) / "server.pcap", frames)
        with judged.closing(judged.open_case({"server": path})) as opened:
            (log,) = read_logs(text.encode(), "some.log")
            return opened.log_clock(log)


@settings(max_examples=40, deadline=None)
@given(CONNECTIONS, ZONES, st.floats(-3, 3))
def test_packets_and_firewall_lines_in_any_zone_tell_it(
    connections: list[tuple[float, int]], zone_s: int, skew_s: float
) -> None:
    lines = "\n".join(firewall_line(at + zone_s + skew_s, port) for at, port in sorted(connections))
    clock = clock_of(connections, lines)
    assert clock.zone_s == zone_s
    assert abs(clock.offset_ns / SECOND + zone_s + skew_s) <= 1.0


@settings(max_examples=40, deadline=None)
@given(CONNECTIONS, ZONES, st.floats(-100, 100))
def test_packets_and_trace_lines_of_a_clock_that_strays_tell_its_zone_or_nothing(
    connections: list[tuple[float, int]], zone_s: int, skew_s: float
) -> None:
    lines = "\n".join(trace_line(at + zone_s + skew_s, port) for at, port in sorted(connections))
    clock = clock_of(connections, lines, "R")
    assert clock.missing is Missing.CHANCE or (clock.known and clock.zone_s == zone_s)
    assert not clock.known or abs(clock.offset_ns / SECOND + zone_s + skew_s) < 0.01


@settings(max_examples=40, deadline=None)
@given(CONNECTIONS, ZONES, st.sampled_from((-3, -2, 2, 3, 365)))
def test_a_log_of_another_day_tells_nothing_even_of_the_same_ports(
    connections: list[tuple[float, int]], zone_s: int, days: int
) -> None:
    lines = "\n".join(firewall_line(at + zone_s + days * 86_400, port) for at, port in connections)
    assert not clock_of(connections, lines).known


@settings(max_examples=40, deadline=None, derandomize=True)
@given(CONNECTIONS, st.integers(0, 2**32))
def test_the_same_ports_at_unrelated_times_tell_nothing(connections: list[tuple[float, int]], seed: int) -> None:
    chance = random.Random(seed)
    lines = "\n".join(firewall_line(chance.uniform(-20_000, 20_000), port) for _, port in connections)
    assert not clock_of(connections, lines).known


@settings(max_examples=20, deadline=None)
@given(CONNECTIONS, ZONES)
def test_a_log_of_another_host_tells_nothing(connections: list[tuple[float, int]], zone_s: int) -> None:
    lines = "\n".join(firewall_line(at + zone_s, port, client="10.1.1.77") for at, port in connections)
    assert clock_of(connections, lines).missing is Missing.UNSEEN


def test_the_key_of_a_connection_is_the_same_from_both_ends() -> None:
    assert pair_key("b:1", "a:2") == pair_key("a:2", "b:1") == ("a:2", "b:1")
