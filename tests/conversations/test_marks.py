"""Each TCP mark fires on the exchange that defines it, and stays silent on one that only looks like it.

Scripts are lines of: milliseconds, side, flags, seq, ack, bytes, window, and the marks that the segment gets. Numbers are
relative to the side's first one. tshark judges the same segments, all scripts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.oracle import ORACLE_VERSION, tshark_rows, tshark_version
from tests.support.packets import LINK_TYPES, TCP, IPv4, mss, sack, wscale
from tests.support.tables import decode, marks_of
from wireproof.table.schema import MARKS

SCRIPTS: dict[str, str] = {}
"""Exchanges by name; each starts behind a handshake whose round trip took 20 ms, unless it brings its own SYN."""

SCRIPTS["retransmission after a timeout"] = """
    30  c PA 1 1 100 65535
    530 c PA 1 1 100 65535      retransmission
"""
SCRIPTS["new data after a pause is none"] = """
    30  c PA 1   1 100 65535
    530 c PA 101 1 100 65535
"""
SCRIPTS["retransmission of a FIN"] = """
    30  c FA 1 1 0 65535
    530 c FA 1 1 0 65535        retransmission
"""
SCRIPTS["an empty segment that goes back is none"] = """
    30  c PA 1  1 100 65535
    530 c A  50 1 0   65535
"""
SCRIPTS["fast retransmission on two duplicate ACKs"] = """
    30 c PA 1   1   100 65535
    31 c PA 101 1   100 65535
    32 c PA 201 1   100 65535
    40 s A  1   101 0   65535
    41 s A  1   101 0   65535   duplicate_ack
    42 s A  1   101 0   65535   duplicate_ack
    50 c PA 101 1   100 65535   fast_retransmission retransmission
"""
SCRIPTS["not fast after one duplicate ACK"] = """
    30 c PA 1   1   100 65535
    31 c PA 101 1   100 65535
    32 c PA 201 1   100 65535
    40 s A  1   101 0   65535
    41 s A  1   101 0   65535   duplicate_ack
    59 c PA 101 1   100 65535   retransmission
"""
SCRIPTS["not fast 20 ms after the duplicate ACK"] = """
    30 c PA 1   1   100 65535
    31 c PA 101 1   100 65535
    32 c PA 201 1   100 65535
    40 s A  1   101 0   65535
    41 s A  1   101 0   65535   duplicate_ack
    42 s A  1   101 0   65535   duplicate_ack
    62 c PA 101 1   100 65535   retransmission
"""
SCRIPTS["spurious retransmission of what was acknowledged"] = """
    30  c PA 1 1   100 65535
    50  s A  1 101 0   65535
    330 c PA 1 1   100 65535    spurious_retransmission retransmission
"""
SCRIPTS["not spurious where one byte is new"] = """
    30  c PA 1 1   100 65535
    50  s A  1 100 0   65535
    330 c PA 1 1   100 65535    retransmission
"""
SCRIPTS["out of order within a round trip"] = """
    30 c PA 1   1 100 65535
    31 c PA 201 1 100 65535     lost_segment
    32 c PA 101 1 100 65535     out_of_order
    33 c PA 301 1 100 65535
"""
SCRIPTS["not out of order later than a round trip"] = """
    30 c PA 1   1 100 65535
    31 c PA 201 1 100 65535     lost_segment
    60 c PA 101 1 100 65535     retransmission
"""
SCRIPTS["not out of order when it is the last segment again"] = """
    30 c PA 1   1 100 65535
    31 c PA 101 1 100 65535
    32 c PA 101 1 100 65535     retransmission
"""
SCRIPTS["a reset beyond what was sent leaves no gap"] = """
    30 c PA 1   1 100 65535
    31 c R  901 1 0   0
"""
SCRIPTS["an ACK of data that the capture lacks, once until the other side acknowledges"] = """
    30 c PA 1   1   100 65535
    40 s A  1   301 0   65535   ack_lost_segment
    41 s A  1   501 0   65535
    50 s PA 1   501 10  65535
    60 c A  501 11  0   65535   lost_segment
    70 s A  11  701 0   65535   ack_lost_segment
"""
SCRIPTS["an ACK of all that was sent is none"] = """
    30 c PA 1   1   100 65535
    31 c PA 101 1   100 65535
    40 s A  1   201 0   65535
"""
SCRIPTS["an ACK behind a gap that stays open"] = """
    30 c PA 1   1   100 65535
    31 c PA 301 1   100 65535   lost_segment
    40 s A  1   101 0   65535
    41 s A  1   401 0   65535   ack_lost_segment
"""
SCRIPTS["duplicate ACKs end with data, a new ACK or another window"] = """
    30 c PA 1   1   100 65535
    31 c PA 101 1   100 65535
    40 s A  1   101 0   65535
    41 s A  1   101 0   65535   duplicate_ack
    42 s A  1   101 0   65000   window_update
    43 s PA 1   101 10  65000
    44 s A  11  201 0   65000
    45 s A  11  201 0   65000   duplicate_ack
    46 s FA 11  201 0   65000
"""
SCRIPTS["a window update needs the same ACK"] = """
    30 c PA 1 1   100 65535
    40 s A  1 101 0   1000
    41 s A  1 101 0   2000      window_update
    42 s A  1 101 0   500       window_update
"""
SCRIPTS["keep-alives without and with a byte, and their ACKs"] = """
    30     c PA 1   1   100 65535
    50     s A  1   101 0   65535
    60050  c A  100 1   0   65535   keep_alive
    60070  s A  1   101 0   65535   keep_alive_ack
    120050 c A  100 1   1   65535   keep_alive
    120070 s A  1   101 0   65535   keep_alive_ack
"""
SCRIPTS["two bytes, or a FIN, one back are no keep-alive"] = """
    30  c PA 1   1   100 65535
    50  s A  1   100 0   65535
    550 c PA 99  1   2   65535      retransmission
    950 c FA 100 1   0   65535      retransmission
"""
SCRIPTS["the second ACK of a keep-alive repeats the first"] = """
    30    c PA 1   1   100 65535
    50    s A  1   101 0   65535
    60050 c A  100 1   0   65535    keep_alive
    60070 s A  1   101 0   65535    keep_alive_ack
    60071 s A  1   101 0   65535    keep_alive_ack
"""
SCRIPTS["zero window, probe, its answer, and the window open again"] = """
    30   c PA 1   1   100 65535
    50   s A  1   101 0   0         zero_window
    550  c A  101 1   1   65535     zero_window_probe
    570  s A  1   101 0   0         zero_window zero_window_probe_ack
    1550 c A  101 1   1   65535     zero_window_probe
    1570 s A  1   101 0   5000      window_update
    1590 c PA 101 1   100 65535
"""
SCRIPTS["a probe whose byte is taken"] = """
    30   c PA 1   1   100 65535
    50   s A  1   101 0   0         zero_window
    550  c A  101 1   1   65535     zero_window_probe
    570  s A  1   102 0   0         zero_window zero_window_probe_ack
    1550 c A  102 1   1   65535     zero_window_probe
    1570 s A  1   103 0   5000      window_update
    1590 c PA 103 1   100 65535
"""
SCRIPTS["a byte into an open window is no probe"] = """
    30  c PA 1   1   100 65535
    50  s A  1   101 0   1
    550 c PA 101 1   1   65535      window_full
"""
SCRIPTS["a reset, FIN or SYN without window closes no window"] = """
    30 c PA 1   1   100 65535
    50 s RA 1   101 0   0
    60 s FA 1   101 0   0
"""
SCRIPTS["data that ends where the window ends"] = """
    30 s A  1    1 0    2000        window_update
    31 c PA 1    1 1000 65535
    32 c PA 1001 1 1000 65535       window_full
"""
SCRIPTS["data that ends one byte before"] = """
    30 s A  1    1 0    2000        window_update
    31 c PA 1    1 1000 65535
    32 c PA 1001 1 999  65535
"""
SCRIPTS["a scaled window is full at its scaled end"] = """
    0  c S  0    0 0    65535 scale=2
    20 s SA 0    1 0    65535 scale=3
    21 c A  1    1 0    65535
    30 s A  1    1 0    250         window_update
    31 c PA 1    1 1000 65535
    32 c PA 1001 1 1000 65535       window_full
"""
SCRIPTS["a window of unknown scale is never full"] = """
    30 s A  1    1 0    2000
    31 c PA 1    1 1000 65535
    32 c PA 1001 1 1000 65535
"""
SCRIPTS["another SYN on the same ports"] = """
    0    c S  0      0   0 65535
    20   s RA 0      1   0 0
    1020 c S  100000 0   0 65535    reused_ports
    1040 s SA 0      100001 0 65535 *
"""
SCRIPTS["a refusal's sequence number 0 says nothing of what follows"] = """
    0    c S  0        0        0 65535
    1    s RA -7000000 -1999999 0 0
    1000 s SA 500      1        0 65535    reused_ports
    1001 c A  1        501      0 65535
"""
SCRIPTS["the same SYN again"] = """
    0    c S 0 0 0 65535
    1000 c S 0 0 0 65535            retransmission
    3000 c S 0 0 0 65535            retransmission
"""
SCRIPTS["sequence numbers wrap in the middle"] = """
    0   c S  -150 0    0   65535
    20  s SA -150 -149 0   65535
    21  c A  -149 -149 0   65535
    30  c PA -149 -149 100 65535
    31  c PA -49  -149 100 65535
    32  c PA 51   -149 100 65535
    40  s A  -149 51   0   65535
    41  s A  -149 151  0   65535
    540 c PA 51   -149 100 65535    spurious_retransmission retransmission
    541 c PA 251  -149 100 65535    lost_segment
"""
MIDSTREAM = {"a window of unknown scale is never full"}
OWN_WAY = {"a probe whose byte is taken": "tshark 4.0 forgets the byte and calls it acknowledged unseen"}
"""Scripts that wireproof judges otherwise than tshark on purpose; docs/tcp-marks.md says more."""
HOSTS = ("10.0.0.1", "10.0.0.2")
ISN = (2_000_000, 7_000_000)


class Line:
    """One line of a script."""

    def __init__(self, text: str) -> None:
        words = text.split()
        self.time_ms, self.side, self.flags = int(words[0]), "cs".index(words[1]), words[2]
        self.seq, self.ack, self.size, self.window = map(int, words[3:7])
        self.scale = next((int(word[6:]) for word in words[7:] if word.startswith("scale=")), None)
        self.marks = {word for word in words[7:] if word in MARKS}
        self.open = "*" in words

    def frame(self, port: int, wraps: bool) -> Frame:
        """The segment, on the script's own client port."""
        ports, isn = (port, 80), (0, 0) if wraps else ISN
        options = mss(1460) if "S" in self.flags else b""
        options += wscale(self.scale) if self.scale is not None else b""
        ack = (isn[1 - self.side] + self.ack) % 2**32 if "A" in self.flags else 0
        segment = TCP(
            ports[self.side],
            ports[1 - self.side],
            (isn[self.side] + self.seq) % 2**32,
            ack,
            self.flags,
            self.window,
            options,
            bytes(self.size),
        )
        return Frame(10**18 + self.time_ms * 1_000_000, bytes(IPv4(HOSTS[self.side], HOSTS[1 - self.side], segment)))


HANDSHAKE = "0 c S 0 0 0 65535\n 20 s SA 0 1 0 65535\n 20 c A 1 1 0 65535"


def lines_of(name: str) -> list[Line]:
    text = SCRIPTS[name]
    opening = HANDSHAKE if " S " not in text and name not in MIDSTREAM else ""
    return [Line(line) for line in (opening + text).splitlines() if line.strip()]


def frames_of(name: str) -> list[Frame]:
    return [line.frame(1024 + list(SCRIPTS).index(name), "wrap" in name) for line in lines_of(name)]


@pytest.mark.parametrize("name", SCRIPTS)
def test_marks_of(name: str) -> None:
    packets, _ = decode(frames_of(name), LINK_TYPES["raw"])
    found = [(marks_of(packets, row), line) for row, line in enumerate(lines_of(name))]
    assert [marks for marks, line in found if not line.open] == [line.marks for _, line in found if not line.open]


def test_every_mark_has_a_script_that_fires_and_one_that_does_not() -> None:
    for mark in MARKS:
        firing = {name for name in SCRIPTS if any(mark in line.marks for line in lines_of(name))}
        assert firing
        assert set(SCRIPTS) - firing


def judged_by_tshark(tshark: str, path: Path) -> Iterator[set[str]]:
    fields = [f"tcp.analysis.{mark}" for mark in MARKS]
    for values in tshark_rows(tshark, path, fields):
        yield {mark for mark, value in zip(MARKS, values, strict=True) if value}


def test_tshark_marks_the_same_segments(tmp_path: Path, program: Callable[[str], str]) -> None:
    tshark = program("tshark")
    if tshark_version(tshark) != ORACLE_VERSION:
        pytest.skip(f"marks follow tshark {ORACLE_VERSION}")
    frames = [frame for name in SCRIPTS for frame in frames_of(name)]
    path = write_pcap(tmp_path / "scripts.pcap", frames, link_type=LINK_TYPES["raw"], nanoseconds=True)
    theirs = judged_by_tshark(tshark, path)
    judged = {name: [(next(theirs), line) for line in lines_of(name)] for name in SCRIPTS}
    for name, found in judged.items():
        theirs_marks = [marks for marks, line in found if not line.open]
        ours = [line.marks for _, line in found if not line.open]
        assert (theirs_marks == ours) == (name not in OWN_WAY), name


# --- numbers beside the marks ----------------------------------------------------------------------------------------


def segment(side: int, seq: int, ack: int, size: int = 0, flags: str = "A", options: bytes = b"") -> bytes:
    ports = (1099, 80)
    upper = TCP(ports[side], ports[1 - side], seq, ack, flags, 65535, options, bytes(size))
    return bytes(IPv4(HOSTS[side], HOSTS[1 - side], upper))


def test_bytes_in_flight_are_what_was_sent_and_not_acknowledged() -> None:
    frames = [
        segment(0, 1, 1, 100),
        segment(0, 101, 1, 100),
        segment(1, 1, 101),
        segment(0, 201, 1, 100),
        segment(1, 1, 301),
        segment(0, 301, 1, 50, "FA"),
    ]
    packets, talks = decode(frames, LINK_TYPES["raw"])
    assert packets.in_flight.tolist() == [100, 200, 0, 200, 0, 50]
    assert talks[0].facts["sides"]["in_flight_max"].tolist() == [200, 0]


def test_bytes_that_were_selectively_acknowledged_are_not_in_flight() -> None:
    frames = [
        segment(0, 1, 1, 100),
        segment(0, 101, 1, 100),
        segment(0, 201, 1, 100),
        segment(1, 1, 1, options=sack((101, 301))),
        segment(0, 1, 1, 100),
    ]
    assert decode(frames, LINK_TYPES["raw"])[0].in_flight.tolist() == [100, 200, 300, 0, 100]


def test_a_duplicate_sack_of_what_was_acknowledged_takes_nothing_off() -> None:
    """RFC 2883: the first block may tell of a segment that came twice."""
    frames = [segment(0, 1, 1, 100), segment(1, 1, 101, options=sack((1, 101))), segment(0, 101, 1, 100)]
    assert decode(frames, LINK_TYPES["raw"])[0].in_flight.tolist() == [100, 0, 100]


def test_bytes_in_flight_are_unknown_behind_a_gap_until_the_other_side_acknowledges() -> None:
    frames = [segment(0, 1, 1, 100), segment(0, 301, 1, 100), segment(1, 1, 401), segment(0, 401, 1, 100)]
    assert decode(frames, LINK_TYPES["raw"])[0].in_flight.tolist() == [100, 0, 0, 100]


def test_an_ack_names_the_segment_whose_end_it_acknowledges() -> None:
    frames = [
        segment(0, 1, 1, 100),
        segment(0, 101, 1, 100),
        segment(1, 1, 201),
        segment(1, 1, 201, 10),
        segment(0, 201, 6),
        segment(0, 201, 11),
    ]
    assert decode(frames, LINK_TYPES["raw"])[0].acks_row.tolist() == [0, 0, 2, 0, 0, 4]
