"""Captures written in clear: what opened conversations said comes back whole, from wireproof and from other programs."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.clearing import (
    clear_of,
    close_all,
    complaints,
    export,
    handshake,
    read_capture,
    read_made,
    said,
    segment,
    timed,
)
from tests.support import tls_lab
from tests.support.files import decryption_secrets, pcapng_bytes
from tests.support.opened import ring_of
from tests.support.oracle import tshark_rows
from tests.support.talk import Send
from tests.support.tds_talks import packets, prelogin
from tests.support.tls_captures import write_sessions
from tests.support.tls_lab import Setup
from tests.support.verdicts import judge, open_case
from tests.support.web import play, request, response, steps
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.outcome import Status
from wireproof.export import ExportError, ExportOptions, export_clear

ASK = request("/index.html")
ANSWER = response(body=bytes(range(256)) * 40)


def talk_frames(v6: bool = False) -> list[bytes]:
    """A conversation with a retransmission, a late segment, and both closes."""
    half = len(ANSWER) // 2
    return [
        *handshake(v6=v6),
        segment(True, "PA", 0, 0, ASK, v6=v6),
        segment(False, "A", 0, len(ASK), v6=v6),
        segment(False, "A", half, len(ASK), ANSWER[half:], v6=v6),
        segment(True, "A", len(ASK), 0, v6=v6),
        segment(False, "A", 0, len(ASK), ANSWER[:half], v6=v6),
        segment(False, "A", 0, len(ASK), ANSWER[:half], v6=v6),
        segment(True, "A", len(ASK), len(ANSWER), v6=v6),
        segment(True, "FA", len(ASK), len(ANSWER), v6=v6),
        segment(False, "FA", len(ANSWER), len(ASK) + 1, v6=v6),
        segment(True, "A", len(ASK) + 1, len(ANSWER) + 1, v6=v6),
    ]


@pytest.mark.parametrize("v6", [False, True])
def test_a_conversation_comes_back_whole_and_without_its_repeats(tmp_path: Path, v6: bool) -> None:
    result, tables = export(tmp_path, talk_frames(v6))
    assert said(tables) == [[(0, ASK)], [(0, ANSWER)]]
    facts = tables.conversations.facts[0]
    assert facts["sides"]["retransmissions"].sum() == facts["sides"]["out_of_order"].sum() == 0
    assert (facts["sides"]["fin_row"] > 0).all()
    assert result.frames == result.clear == tables.packets.frames
    assert result.left_out.total() == 0
    assert result.conversations == 1


@pytest.mark.parametrize(
    ("name", "magic"), [("a.gz", 0x0A0D0D0A), ("a.pcapng.gz", 0x0A0D0D0A), ("a.PCAP.GZ", 0xA1B23C4D)]
)
def test_a_name_that_ends_in_gz_is_packed(tmp_path: Path, name: str, magic: int) -> None:
    result, tables = export(tmp_path, talk_frames(), name)
    packed = (tmp_path / name).read_bytes()
    assert int.from_bytes(gzip.decompress(packed)[:4], "little") == magic
    assert said(tables) == [[(0, ASK)], [(0, ANSWER)]]
    assert result.frames == tables.packets.frames
    # Nothing in it depends on when and where it was written.
    assert (packed[3], packed[4:8]) == (0, bytes(4))


def test_a_file_that_is_protected_against_writing_stays(tmp_path: Path) -> None:
    path = tmp_path / "clear.pcapng"
    path.write_bytes(b"mine")
    path.chmod(0o444)
    if os.access(path, os.W_OK):
        pytest.skip("this user may write everything")
    with pytest.raises(ExportError, match="protected"):
        export(tmp_path, talk_frames())
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("v6", [False, True])
def test_tshark_finds_nothing_to_complain_about(tmp_path: Path, v6: bool, program: Callable[[str], str]) -> None:
    export(tmp_path, talk_frames(v6))
    assert complaints(program, tmp_path / "clear.pcapng") == []
    sizes = tshark_rows(program("tshark"), tmp_path / "clear.pcapng", ["tcp.checksum.status"], "tcp")
    assert len(list(sizes)) > 10


def test_handshake_and_close_keep_their_times_and_numbers(tmp_path: Path) -> None:
    frames = talk_frames()
    original = read_made(tmp_path, frames)
    _, tables = export(tmp_path, frames)
    times, flags = tables.packets.time_ns, tables.packets.flags
    assert times[:3].tolist() == original.packets.time_ns[:3].tolist()
    assert tables.packets.seq[:3].tolist() == original.packets.seq[:3].tolist()
    assert flags[:3].tolist() == [0x02, 0x12, 0x10]
    assert times[flags & 1 != 0].tolist() == original.packets.time_ns[[10, 11]].tolist()
    assert times[-1] == original.packets.time_ns[-1]


def test_each_record_stands_at_the_packet_that_completed_it(tmp_path: Path) -> None:
    _, tables = export(tmp_path, talk_frames())
    late = timed(talk_frames())[7].time_ns
    data = np.flatnonzero((tables.packets.length > 0) & (tables.packets.direction == 1))
    assert len(data) == 2
    assert set(tables.packets.time_ns[data].tolist()) == {late}
    comments = tables.capture.comments
    first, last = comments[int(data[0]) + 1], comments[int(data[-1]) + 1]
    assert first[0] == "frame 8 of made.pcap"
    assert last[0] == "frame 6 of made.pcap"


def test_the_first_clear_segment_says_what_encrypted_it(tmp_path: Path) -> None:
    clear = {"version": 0x0303, "suite": 0x002F, "server_name": "www.example.com", "key": "server.pem"}
    _, tables = export(tmp_path, talk_frames(), clear=clear)
    texts = [text for found in tables.capture.comments.values() for text in found if text.startswith("was ")]
    assert texts == ["was TLS 1.2, RSA_WITH_AES_128_CBC_SHA, server name www.example.com, opened with server.pem"] or (
        len(texts) == 1 and "AES_128_CBC_SHA" in texts[0] and texts[0].endswith("opened with server.pem")
    )


def test_what_stands_before_tls_stands_before_what_was_inside(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(True, "PA", 0, 0, b"STARTTLS\r\n"),
        segment(False, "PA", 0, 10, b"220 go\r\n"),
        segment(True, "PA", 10, 8, b"EHLO inside\r\n"),
        segment(False, "PA", 8, 23, b"250 inside\r\n"),
    ]
    _, tables = export(tmp_path, frames, clear={"begins": (10, 8)})
    assert said(tables) == [[(0, b"STARTTLS\r\nEHLO inside\r\n")], [(0, b"220 go\r\n250 inside\r\n")]]


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "A", 0, 0, b"a" * 100), segment(True, "A", 300, 0, b"b" * 50)]
    _, tables = export(tmp_path, [*frames, segment(False, "A", 0, 350)])
    assert said(tables)[0] == [(0, b"a" * 100), (300, b"b" * 50)]
    assert tables.packets.ack[-1] == tables.packets.seq[3] + np.uint32(350)


def test_what_could_not_be_read_at_the_end_leaves_a_gap_before_the_close(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "A", 0, 0, b"a" * 100), segment(True, "FA", 700, 0)]
    _, tables = export(tmp_path, frames, clear={"status": Status.PARTLY})
    assert int(tables.packets.seq[-1] - tables.packets.seq[3]) % 2**32 == 700


def test_a_conversation_without_its_beginning_starts_with_data(tmp_path: Path) -> None:
    frames = [segment(True, "PA", 5000, 70, b"late"), segment(False, "PA", 70, 5004, b"answer")]
    _, tables = export(tmp_path, frames)
    assert tables.packets.flags[: tables.packets.frames].tolist() == [0x18, 0x18]
    assert tables.packets.ack[1] == tables.packets.seq[0] + np.uint32(4)


def test_a_reset_stays_a_reset(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "PA", 0, 0, b"data"), segment(False, "RA", 0, 4)]
    _, tables = export(tmp_path, frames)
    assert tables.packets.flags[-1] == 0x14
    assert tables.packets.ack[-1] == tables.packets.seq[3] + np.uint32(4)


def test_secrets_in_the_capture_are_not_written(tmp_path: Path) -> None:
    secret = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48
    path = tmp_path / "with.pcapng"
    path.write_bytes(pcapng_bytes(timed(talk_frames()), last=decryption_secrets(secret)))
    tables = read_capture(path)
    assert tables.capture.secrets
    export_clear(tables, clear_of(tables), tmp_path / "clear.pcapng")
    assert b"cdcd" not in (tmp_path / "clear.pcapng").read_bytes()
    assert read_capture(tmp_path / "clear.pcapng").capture.secrets == []


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    tables = read_made(tmp_path, talk_frames())
    before = (tmp_path / "made.pcap").read_bytes()
    (tmp_path / "other.pcap").write_bytes(b"x")
    (tmp_path / "link.pcap").symlink_to(tmp_path / "made.pcap")
    for name in ("made.pcap", "link.pcap", "other.pcap"):
        with pytest.raises(ExportError, match="is read as an input"):
            export_clear(tables, clear_of(tables), tmp_path / name, ExportOptions(inputs=(tmp_path / "other.pcap",)))
    assert (tmp_path / "made.pcap").read_bytes() == before


def test_a_run_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = read_made(tmp_path, talk_frames())

    def fail(*_: object) -> bytes:
        raise RuntimeError("half way")

    clear = clear_of(tables)
    monkeypatch.setattr("wireproof.export.content.Content.read", fail)
    with pytest.raises(RuntimeError, match="half way"):
        export_clear(tables, clear, tmp_path / "clear.pcapng")
    assert [path.name for path in tmp_path.iterdir()] == ["made.pcap"]
    with pytest.raises(ExportError, match="can't be written"):
        export_clear(tables, clear, tmp_path / "nowhere" / "clear.pcapng")


def test_classic_pcap_has_the_same_frames(tmp_path: Path) -> None:
    export(tmp_path, talk_frames())
    result, tables = export(tmp_path, talk_frames(), name="clear.pcap")
    other = read_capture(tmp_path / "clear.pcapng")
    rows = range(result.frames)
    assert tables.read_frames(rows) == other.read_frames(rows)
    assert tables.packets.time_ns[: result.frames].tolist() == other.packets.time_ns[: result.frames].tolist()
    assert tables.capture.comments == {}


@pytest.mark.parametrize("name", ["clear.pcapng", "clear.pcap"])
def test_libpcap_and_capinfos_read_it(tmp_path: Path, name: str, program: Callable[[str], str]) -> None:
    result, _ = export(tmp_path, talk_frames(), name=name)
    for command in (["tcpdump", "-n", "-vv", "-r"], ["capinfos", "-M"]):
        done = subprocess.run(
            [program(command[0]), *command[1:], str(tmp_path / name)], capture_output=True, text=True, check=True
        )
        assert "incorrect" not in done.stdout
        assert done.stdout.count("ttl") == result.frames or f"packets:   {result.frames}" in done.stdout


def test_web_messages_read_the_same_in_tshark(tmp_path: Path, program: Callable[[str], str]) -> None:
    frames = play(steps(ASK, ANSWER, request("/2", method="POST", body=b"k=v" * 900), ANSWER), steps(ASK, ANSWER))
    export(tmp_path, [frame.data for frame in frames["client"]])
    fields = ["tcp.stream", "http.request.method", "http.request.uri", "http.response.code", "http.file_data"]
    seen = [
        sorted(tshark_rows(program("tshark"), tmp_path / name, fields, "http"))
        for name in ("made.pcap", "clear.pcapng")
    ]
    assert len(seen[0]) == 6
    assert seen[0] == seen[1]
    assert complaints(program, tmp_path / "clear.pcapng") == []


AROUND: dict[str, tuple[Send, ...]] = {
    "starttls": (Send("server", b"220 mail\r\n"), Send("client", b"STARTTLS\r\n"), Send("server", b"220 go ahead\r\n")),
    "http-connect": (Send("client", b"CONNECT a:443 HTTP/1.1\r\n\r\n"), Send("server", b"HTTP/1.1 200 OK\r\n\r\n")),
    "tds": (Send("client", packets(0x12, prelogin(1))), Send("server", packets(0x04, prelogin(1)))),
    "": (),
}


@pytest.mark.parametrize("around", AROUND)
def test_a_real_session_stands_behind_what_was_plain(
    tmp_path: Path, around: str, program: Callable[[str], str]
) -> None:
    session = tls_lab.play(Setup(suite="AES128-GCM-SHA256"))
    steps_of = [step for step in session.steps if isinstance(step, Send)]
    in_packets = 4 if around == "tds" else 0
    shaken = [Send(step.by, packets(0x12, bytes(step.data))) for step in steps_of[:in_packets]]
    inside = replace(session, steps=(*AROUND[around], *shaken, *session.steps[in_packets:]))
    written = write_sessions(tmp_path / "made.pcapng", [inside], port=1433)
    tables = read_capture(written.path)
    result = export_clear(tables, open_tls(tables, ring_of(session.key_log)), tmp_path / "clear.pcapng")
    assert result.conversations == 1
    plain = [b"".join(bytes(step.data) for step in AROUND[around] if step.by == by) for by in ("client", "server")]
    expected = [[(0, before + after)] for before, after in zip(plain, session.said, strict=True)]
    assert said(read_capture(tmp_path / "clear.pcapng")) == expected
    assert complaints(program, tmp_path / "clear.pcapng") == []


Piece = tuple[bool, int, int]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9000), st.integers(1, 4000)), max_size=25), st.booleans())
def test_any_segments_in_any_order_give_the_same_bytes(pieces: list[Piece], opened: bool) -> None:
    import tempfile

    text = np.arange(16_000, dtype=">u2").tobytes()
    reach = {True: 0, False: 0}
    frames = handshake() if opened else []
    for up, start, size in pieces:
        reach[up] = max(reach[up], start + size)
        frames.append(segment(up, "A", start, reach[not up], text[start : start + size]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        if not frames:
            frames = [segment(True, "A", 0, 0, b"x")]
        original = read_made(path, frames, name="original.pcap")
        _, tables = export(path, frames)
        assert said(tables) == said(original)
        facts = tables.conversations.facts["sides"][0]
        assert facts["retransmissions"].sum() == facts["out_of_order"].sum() == facts["duplicate_acks"].sum() == 0
        close_all()


def test_wireproof_has_nothing_to_say_of_what_it_wrote(tmp_path: Path) -> None:
    frames = play(steps(ASK, ANSWER, request("/2", method="POST", body=b"k=v" * 9000), ANSWER), steps(ASK, ANSWER))
    export(tmp_path, [frame.data for frame in frames["client"]])
    found = judge(open_case({"clear": tmp_path / "clear.pcapng"}))
    assert found.findings == []


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["S", "SA", "A", "PA", "FA", "R", "RA", "FPA", "", "SFRPA"]), *[st.integers(0, 2**32 - 1)] * 2),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)  # fmt: skip
def test_any_numbers_and_flags_give_a_file_that_reads_back(
    parts: list[tuple[bool, str, int, int]], redact: bool
) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        frames = [segment(up, flags, seq, ack, b"x" * (seq % 7)) for up, flags, seq, ack in parts]
        tables = read_made(Path(folder), frames)
        result = export_clear(tables, clear_of(tables), Path(folder) / "clear.pcapng", ExportOptions(redact=redact))
        written = read_capture(Path(folder) / "clear.pcapng")
        assert written.packets.frames == result.frames
        assert written.capture.notes == []
        close_all()


@given(
    st.lists(st.binary(max_size=120), max_size=8),
    st.sampled_from([0, 1, 9, 10, 12, 51, 101, 104, 105, 113, 127, 147, 276]),
    st.booleans(),
)
def test_any_frames_of_any_link_type_are_kept_or_counted(frames: list[bytes], link_type: int, redact: bool) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        tables = read_made(Path(folder), frames or [b""], link_type)
        clear = clear_of(tables)
        result = export_clear(tables, clear, Path(folder) / "clear.pcapng", ExportOptions(redact=redact))
        assert result.frames - result.clear - result.inner + result.left_out.total() <= tables.packets.frames
        assert read_capture(Path(folder) / "clear.pcapng").packets.frames == result.frames
        close_all()


def test_segments_above_the_mss_make_wireproof_say_nothing(tmp_path: Path, program: Callable[[str], str]) -> None:
    long = response(body=bytes(range(256)) * 60)
    frames = [
        *handshake(),
        segment(True, "PA", 0, 0, ASK),
        segment(False, "PA", 0, len(ASK), long),
        segment(True, "A", len(ASK), len(long)),
        segment(True, "FA", len(ASK), len(long)),
        segment(False, "FA", len(long), len(ASK) + 1),
        segment(True, "A", len(ASK) + 1, len(long) + 1),
    ]
    _, tables = export(tmp_path, frames)
    assert int(tables.packets.length.max()) == len(long)
    assert judge(open_case({"clear": tmp_path / "clear.pcapng"})).findings == []
    assert complaints(program, tmp_path / "clear.pcapng") == []
