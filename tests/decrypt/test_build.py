"""All sessions of a capture in order of time; without keys only those that nobody encrypted, and no library for ciphers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support import tls_lab
from tests.support.files import SECOND, Frame, pcapng_bytes, write_bytes
from tests.support.opened import open_file, ring_of
from tests.support.tls_captures import cut_up, port_of, segment_frames, write_sessions
from tests.support.tls_lab import TLS12, Setup
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Reason


def test_sessions_come_in_the_order_of_time_and_later_ones_go_on_from_earlier_ones(tmp_path: Path) -> None:
    full, resumed = tls_lab.play_resumed(Setup(version=TLS12, suite="AES128-SHA"))
    written = write_sessions(tmp_path / "two.pcapng", [full, resumed])
    tables = read_capture(written.path)
    with tables.capture:
        clear = open_tls(tables, ring_of(full.private_key))
    assert [one.resumed for one in clear.outcomes] == [False, True]
    assert [one.row for one in clear.outcomes] == sorted(one.row for one in clear.outcomes)
    assert list(clear.talks) == [one.conversation for one in clear.outcomes]


def test_a_ring_remembers_sessions_from_one_capture_to_the_next(tmp_path: Path) -> None:
    full, resumed = tls_lab.play_resumed(Setup(version=TLS12, suite="AES128-SHA"))
    ring = ring_of(full.private_key)
    one = open_file(write_sessions(tmp_path / "one.pcapng", [full]).path, [full], ring)
    two = open_file(write_sessions(tmp_path / "two.pcapng", [resumed]).path, [resumed], ring)
    assert one[0].whole
    assert two[0].whole
    assert ring.sources[0].used == 2


def test_conversations_that_are_no_tls_have_no_outcome(tmp_path: Path) -> None:
    session = tls_lab.play(Setup())
    plain = tls_lab.Session("plain", tuple(session.steps[:0]), (b"", b""), b"")
    frames = segment_frames(cut_up(session, 1460)) + segment_frames(cut_up(plain, 1460), 1)
    path = write_bytes(tmp_path / "both.pcapng", pcapng_bytes(frames))
    tables = read_capture(path)
    with tables.capture:
        assert len(tables.conversations) == 2
        clear = open_tls(tables, ring_of(session.key_log))
    assert len(clear.outcomes) == len(clear.talks) == 1


def test_a_session_under_way_when_the_capture_began_is_named(tmp_path: Path) -> None:
    session = tls_lab.play(
        Setup(), (("client", b"GET /"), ("server", bytes(400)), ("client", b"GET /"), ("server", bytes(400)))
    )
    segments = cut_up(session, 100_000)
    late = [one for one in segments if one.data[:1] == b"\x17"]
    frames = segment_frames(late, start=False)
    tables = read_capture(write_bytes(tmp_path / "late.pcapng", pcapng_bytes(frames)))
    with tables.capture:
        (outcome,) = open_tls(tables, ring_of(session.key_log)).outcomes
    assert outcome.reason is Reason.NO_HANDSHAKE
    assert outcome.suite == -1


def test_an_inner_conversation_stands_at_the_time_of_its_packets(tmp_path: Path) -> None:
    first, second = tls_lab.play(Setup()), tls_lab.play(Setup())
    early, late = segment_frames(cut_up(first, 1460), 1), segment_frames(cut_up(second, 1460), 0)
    frames = [Frame(one.time_ns + 60 * SECOND, one.data) for one in late]
    path = write_bytes(tmp_path / "order.pcapng", pcapng_bytes(early + frames))
    tables = read_capture(path)
    with tables.capture:
        clear = open_tls(tables, ring_of(first.key_log, second.key_log))
        ports = [tables.conversations[one.conversation].client_endpoint for one in clear.outcomes]
    assert [one.rpartition(":")[2] for one in ports] == [str(port_of(1)), str(port_of(0))]


def test_without_keys_suites_that_encrypt_nothing_are_read_and_no_other(tmp_path: Path) -> None:
    sessions = [tls_lab.play(Setup(suite="NULL-SHA256")), tls_lab.play(Setup())]
    tables = read_capture(write_sessions(tmp_path / "null.pcapng", sessions).path)
    with tables.capture:
        clear = open_tls(tables, KeyRing())
        (talk,) = clear.talks.values()
        assert talk.streams[talk.client_side].read(0, 1 << 20) == sessions[0].said[0]
    assert len(clear.outcomes) == 1


def test_without_keys_no_library_for_ciphers_is_loaded(tmp_path: Path) -> None:
    path = write_sessions(tmp_path / "null.pcapng", [tls_lab.play(Setup(suite="NULL-SHA256"))]).path
    program = (
        "import sys\n"
        "from wireproof.conversations import read_capture\n"
        "from wireproof.decrypt.build import open_tls\n"
        "from wireproof.decrypt.keys.ring import KeyRing\n"
        f"print(len(open_tls(read_capture({str(path)!r}), KeyRing()).talks), 'cryptography' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]
