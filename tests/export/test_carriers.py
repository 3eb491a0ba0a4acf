"""Each clear segment names the frames of the capture that carried its record, and no others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.export.clearing import read_capture
from tests.support.files import Frame, pcapng_bytes, write_bytes
from tests.support.opened import ring_of
from tests.support.talk import Send, Step
from tests.support.tds_talks import PRELOGIN, RESPONSE, packets, prelogin
from tests.support.tls_captures import frames_of, port_of
from tests.support.tls_lab import TLS13, Session, Setup, play
from wireproof.decrypt.build import open_tls
from wireproof.export import export_clear
from wireproof.export.carriers import Carriers, join_carriers, list_carriers

LONG = (("client", b"q" * 300), ("server", b"a" * 40_000), ("client", b"r" * 9_000), ("server", b"b" * 10))
HEADERS = 14 + 20
NAMED = re.compile(r"frames? ([0-9, -]+)(?: and [0-9]+ more)? of (.*)")


def numbers_of(comment: str) -> set[int]:
    """The frames that a comment names."""
    found = NAMED.fullmatch(comment)
    assert found, comment
    named: set[int] = set()
    for part in found[1].split(", "):
        first, _, last = part.partition("-")
        named.update(range(int(first), int(last or first) + 1))
    return named


def first_carriers(frames: Sequence[Frame], port: int, up: bool) -> dict[int, int]:
    """By the offset of each byte of one side, the number of the frame that carried it first."""
    found: dict[int, int] = {}
    base = -1
    for number, frame in enumerate(frames, 1):
        # Behind a short packet the frame is filled up.
        tcp = frame.data[HEADERS : 14 + int.from_bytes(frame.data[16:18], "big")]
        source, target = (int.from_bytes(tcp[at : at + 2], "big") for at in (0, 2))
        if (source if up else target) != port:
            continue
        seq, payload = int.from_bytes(tcp[4:8], "big"), tcp[(tcp[12] >> 4) * 4 :]
        base = seq + 1 if tcp[13] & 2 else base
        for at in range(len(payload)):
            found.setdefault((seq - base + at) % 2**32, number)
    return found


def records_of(wire: bytes) -> list[tuple[int, int]]:
    """Where the records of application data of a side begin and end."""
    found, at = [], 0
    while at < len(wire):
        end = at + 5 + int.from_bytes(wire[at + 3 : at + 5], "big")
        found += [(at, end)] if wire[at] == 23 else []
        at = end
    return found


def expected(frames: Sequence[Frame], session: Session, turn: int) -> list[set[int]]:
    """By record of TLS 1.2, the client's first, the frames that carried it."""
    wanted = []
    for by in ("client", "server"):
        carried = first_carriers(frames, port_of(turn), by == "client")
        wanted += [{carried[at] for at in range(*span)} for span in records_of(session.wire(by))]
    return wanted


def written(folder: Path, frames: Sequence[Frame], sessions: Sequence[Session], turn: int) -> list[set[int]]:
    """The frames that the clear segments of a session name, the client's first."""
    path = write_bytes(folder / "a.pcapng", pcapng_bytes(frames))
    tables = read_capture(path)
    clear = open_tls(tables, ring_of(b"".join(one.key_log for one in sessions)))
    export_clear(tables, clear, folder / "clear.pcapng")
    made = read_capture(folder / "clear.pcapng")
    named: tuple[list[set[int]], list[set[int]]] = ([], [])
    ports, packets_ = made.conversations.side_facts("port"), made.packets
    for row in np.flatnonzero(packets_.length).tolist():
        own, side = ports[int(packets_.conversation[row])].tolist(), int(packets_.direction[row])
        if port_of(turn) in own:
            named[own[side] != port_of(turn)].append(numbers_of(made.capture.comments[row + 1][0]))
    return [*named[0], *named[1]]


def late(frames: list[Frame]) -> list[Frame]:
    """Every seventh frame, where it has much in it, comes three places later."""
    places = [at + 3.5 * (at % 7 == 6 and len(frame.data) > 500) for at, frame in enumerate(frames)]
    moved = [frames[at] for at in sorted(range(len(frames)), key=places.__getitem__)]
    return [frame._replace(time_ns=other.time_ns) for frame, other in zip(moved, frames, strict=True)]


@pytest.mark.parametrize("mss", [1460, 536, 90])
@pytest.mark.parametrize("change", [list, late], ids=["in order", "out of order"])
def test_a_segment_names_the_frames_that_carried_its_record(tmp_path: Path, mss: int, change: object) -> None:
    sessions = [play(Setup(), LONG), play(Setup(), LONG)]
    assert callable(change)
    frames = change(frames_of(sessions, mss=mss, apart_s=0.003))
    for turn, session in enumerate(sessions):
        wanted, found = expected(frames, session, turn), written(tmp_path, frames, sessions, turn)
        assert len(found) == len(wanted) > 4
        for named, carried in zip(found, wanted, strict=True):
            # Of very many runs only the first ones are named.
            assert named == carried or (named < carried and mss == 90)


def test_the_frames_of_records_in_packets_of_tds_are_named(tmp_path: Path) -> None:
    session = play(Setup(), LONG)
    steps: list[Step] = [Send("client", packets(PRELOGIN, prelogin(0))), Send("server", packets(RESPONSE, prelogin(0)))]
    sends = [(step, step.data) for step in session.steps if isinstance(step, Send) and isinstance(step.data, bytes)]
    steps += [step if data[0] == 23 else Send(step.by, packets(PRELOGIN, data)) for step, data in sends]
    inside = replace(session, steps=tuple(steps))
    frames = frames_of([inside], port=1433)
    begin, end = records_of(session.wire("client"))[0]
    record = session.wire("client")[begin:end]
    place = inside.wire("client").index(record)
    assert place > begin
    carried = first_carriers(frames, port_of(0), True)
    # What was plain before TLS stands first.
    assert written(tmp_path, frames, [inside], 0)[1] == {carried[at] for at in range(place, place + len(record))}


def test_lists_are_picked_out_and_joined() -> None:
    one = Carriers(np.array([5, 6, 9]), np.array([2, 3]))
    two = Carriers(np.array([1]), np.array([1, 1]))
    both = join_carriers([one, two])
    picked = both.of(np.array([1, -1, 0, 3, 2]), np.array([70, 71, 72, 73, 74]))
    assert (picked.rows.tolist(), picked.ends.tolist()) == ([9, 71, 5, 6, 73, 1], [1, 2, 4, 5, 6])
    none = join_carriers([])
    assert none.of(np.array([-1]), np.array([4])).rows.tolist() == [4]


def test_lists_are_made_of_rows_from_one_place_up_to_another() -> None:
    made = list_carriers(np.array([10, 11, 12, 13]), np.array([[1, 3], [0, 1], [1, 4]]))
    assert (made.rows.tolist(), made.ends.tolist()) == ([11, 12, 10, 11, 12, 13], [2, 3, 6])
    assert len(list_carriers(np.array([10]), np.zeros((0, 2), np.int64))) == 0


def test_tls_1_3_names_them_too(tmp_path: Path) -> None:
    session = play(Setup(version=TLS13), LONG)
    frames = frames_of([session])
    carried = first_carriers(frames, port_of(0), False)
    wanted = [{carried[at] for at in range(*span)} for span in records_of(session.wire("server"))]
    found = written(tmp_path, frames, [session], 0)
    # Handshake records look like data in TLS 1.3, and are not written.
    assert all(named in wanted for named in found[-4:])
