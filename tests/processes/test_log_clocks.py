"""The clock of a log: stated, told by events that captures show too, or not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import judged
from tests.support.files import Frame, write_pcap
from tests.support.packets import TCP, Ethernet, IPv4
from wireproof.case import Case
from wireproof.logs.log import Anchor, Log, pair_key
from wireproof.logs.pfirewall import FirewallLog
from wireproof.logs.reading import read_logs
from wireproof.processes.log_clocks import LogClock, estimate, match_clock, zone_name

SECOND = 1_000_000_000
START = 1_358_000_000 * SECOND
CLIENT, SERVER = "10.1.1.1", "10.2.2.2"


def anchor(at_s: float, name: str, kind: str = "tcp-reset") -> Anchor:
    return Anchor(START + int(at_s * SECOND), 1, kind, (name,))


def clock_of(anchors: Iterable[Anchor], captured: dict[str, list[float]]) -> LogClock:
    """The clock told by anchors, with seconds at which a capture shows each."""
    return match_clock(
        anchors,
        lambda wanted: {key: [START + int(at * SECOND) for at in captured.get(key[1][0], [])] for key in wanted},
    )


def test_a_zone_is_told_by_the_events_that_agree_on_it() -> None:
    clock = clock_of(
        [anchor(7200 + at, f"c{at}") for at in (1, 5, 9)],
        {"c1": [1.01], "c5": [5.02], "c9": [9.25]},
    )
    assert (clock.known, clock.matched, clock.zone_s, clock.kind) == (True, 3, 7200, "tcp-reset")
    assert clock.told("server.log") == "times of server.log are taken as UTC+02:00 (told by 3 resets, within 0.2 s)"


def test_nothing_is_told_where_no_event_matches() -> None:
    assert not clock_of([anchor(7200, "a"), anchor(7201, "b")], {}).known
    assert not clock_of([], {"a": [1.0]}).known
    assert "no event of it is in a capture" in LogClock().told("server.log")


def test_events_that_disagree_tell_nothing() -> None:
    assert not clock_of([anchor(0, "a"), anchor(0, "b"), anchor(0, "c")], {"a": [100], "b": [333], "c": [555]}).known


def test_half_of_the_events_are_not_most_of_them() -> None:
    captured = {"a": [0.0], "b": [1.0], "c": [2000.0], "d": [5555.0]}
    assert not clock_of([anchor(0, "a"), anchor(1, "b"), anchor(2, "c"), anchor(3, "d")], captured).known
    assert clock_of([anchor(0, "a"), anchor(1, "b"), anchor(2, "c")], captured).known


def test_one_event_tells_a_zone_that_it_hits_and_no_other_offset() -> None:
    assert clock_of([anchor(19800, "a")], {"a": [0.4]}).zone_s == 19800
    assert not clock_of([anchor(19800 + 200, "a")], {"a": [0.4]}).known


def test_a_clock_that_is_wrong_by_minutes_is_told_by_several_events() -> None:
    clock = clock_of([anchor(431 + at, f"c{at}") for at in (1, 5)], {"c1": [1.0], "c5": [5.0]})
    assert (clock.known, clock.zone_s) == (True, None)
    assert "431.0 s ahead of the captures" in clock.told("x")


def test_a_clock_that_strays_a_little_is_told_with_its_zone() -> None:
    clock = clock_of([anchor(-3600 + 37.2 + at, f"c{at}") for at in (1, 5)], {"c1": [1.0], "c5": [5.0]})
    assert "UTC-01:00, 37.2 s ahead" in clock.told("x")


def test_a_zone_comes_before_a_gathering_of_about_as_many_elsewhere() -> None:
    names = [f"c{number}" for number in range(7)]
    captured = {name: [float(number), number + 431.0] for number, name in enumerate(names)} | {"c6": [6.0 + 431]}
    clock = clock_of([anchor(3600 + number, name) for number, name in enumerate(names)], captured)
    assert (clock.zone_s, clock.matched) == (3600, 6)


def test_whole_seconds_of_a_log_are_no_disagreement() -> None:
    clock = clock_of([anchor(at, f"c{at}") for at in range(10)], {f"c{at}": [at + at / 10] for at in range(10)})
    assert clock.matched == 10
    assert clock.residual_s < 1


ZONES = st.integers(-48, 56).map(lambda quarters: quarters * 900)


@given(
    zone=ZONES,
    stray=st.floats(-60, 60),
    late=st.lists(st.floats(0, 0.9), min_size=3, max_size=30),
    outliers=st.lists(st.integers(-40_000, 40_000), max_size=30),
)
def test_the_offset_is_found_among_outliers_that_are_fewer(
    zone: int, stray: float, late: list[float], outliers: list[int]
) -> None:
    good = [(int((-zone - stray + each) * SECOND), ("tcp-syn", (f"g{place}",))) for place, each in enumerate(late)]
    bad = [(each * SECOND, ("tcp-syn", (f"b{place}",))) for place, each in enumerate(outliers[: (len(good) - 1) // 2])]
    clock = estimate([*bad, *good])
    assert clock.known
    assert abs(clock.offset_ns / SECOND - (-zone - stray)) <= 2.0
    assert clock.matched >= len(good)


@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(0, 9)), max_size=40))
def test_whatever_differs_a_known_clock_has_most_events_behind_it(apart: list[tuple[int, int]]) -> None:
    clock = estimate([(difference, ("sip", (str(key),))) for difference, key in apart])
    keys = {key for _, key in apart}
    assert not clock.known or 2 * clock.matched > len(keys)
    assert clock.residual_s <= 2.0


@pytest.mark.parametrize(
    ("zone_s", "name"), [(0, "UTC"), (7200, "UTC+02:00"), (-12600, "UTC-03:30"), (20700, "UTC+05:45")]
)
def test_zones_have_their_usual_names(zone_s: int, name: str) -> None:
    assert zone_name(zone_s) == name


# --- with captures ---------------------------------------------------------------------------------------------------


def syn(at_s: float, port: int, flags: str = "S") -> Frame:
    packet = IPv4(CLIENT, SERVER, TCP(port, 445, 100, flags=flags))
    return Frame(START + int(at_s * SECOND), bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)))


def firewall_line(at_s: float, port: int, action: str = "DROP") -> str:
    stamp = datetime.fromtimestamp(START / SECOND + at_s, UTC)
    return f"{stamp:%Y-%m-%d %H:%M:%S} {action} TCP {CLIENT} {SERVER} {port} 445 52 S 100 0 8192 - - - RECEIVE"


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    frames = [syn(0.2, 50001), syn(3.2, 50001), syn(4.5, 50002), syn(7.9, 50003)]
    with judged.closing(judged.open_case({"server": write_pcap(tmp_path / "server.pcap", frames)})) as opened:
        yield opened


def firewall_log(*lines: str) -> FirewallLog:
    (log,) = read_logs("\n".join(lines).encode(), "pfirewall.log")
    assert isinstance(log, FirewallLog)
    return log


def test_the_zone_of_a_firewall_log_is_told_by_its_syns(case: Case) -> None:
    log = firewall_log(
        firewall_line(3600, 50001), firewall_line(3603, 50001), firewall_line(3604, 50002), firewall_line(3607, 50003)
    )
    clock = case.log_clock(log)
    assert (clock.zone_s, clock.matched, clock.stated) == (3600, 3, False)
    assert "UTC+01:00 (told by 3 SYNs" in clock.told(log.file)
    assert case.log_clock(log) is clock


def test_a_log_of_other_connections_has_no_known_clock(case: Case) -> None:
    log = firewall_log(firewall_line(3600, 60001), firewall_line(3604, 60002), firewall_line(3607, 60003))
    assert not case.log_clock(log).known


def test_a_stated_zone_is_taken_and_made_exact_by_events(case: Case) -> None:
    log = firewall_log(firewall_line(7200, 50001), firewall_line(7204, 50002))
    log.zone_s = 7200
    clock = case.log_clock(log)
    assert (clock.zone_s, clock.stated, clock.matched) == (7200, True, 2)
    assert "as stated; told by 2 SYNs" in clock.told("x")


def test_a_stated_zone_that_events_contradict_is_kept_and_the_contradiction_told(case: Case) -> None:
    log = firewall_log(firewall_line(7200, 50001), firewall_line(7204, 50002))
    log.zone_s = 3600
    clock = case.log_clock(log)
    assert (clock.zone_s, clock.matched) == (3600, 0)
    assert "would put them 36" in clock.told("x")
    assert clock.told("x").endswith(" s earlier")


def test_a_log_in_utc_needs_no_event() -> None:
    clock = Case([]).log_clock(Log(file="x", in_utc=True))
    assert (clock.known, clock.offset_ns, clock.zone_s) == (True, 0, 0)
    assert clock.told("x") == "times of x are taken as UTC (as stated)"


def test_the_key_of_a_connection_is_the_same_from_both_ends() -> None:
    assert pair_key("b:1", "a:2") == pair_key("a:2", "b:1") == ("a:2", "b:1")
