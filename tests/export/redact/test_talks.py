"""No secret is left of any protocol, wherever segments, chunks and records cut it, opened or plain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.export.clearing import clear_of, close_all, complaints, handshake, read_capture, read_made, said, segment
from tests.export.redact.secrets import CASES, OK, http
from wireproof.decrypt.clear import Clear
from wireproof.export import Exported, ExportOptions, export_clear
from wireproof.export.redact.talks import find_talk_spans
from wireproof.streams import open_streams

SIZES = (1, 7, 1400)


def conversation(client: bytes, server: bytes, size: int) -> list[bytes]:
    """Frames of both sides in segments of `size` bytes, each third one sent twice."""
    frames = handshake()
    for up, data in ((True, client), (False, server)):
        for turn, at in enumerate(range(0, len(data), size)):
            sent = segment(up, "A", at, 0 if up else len(client), data[at : at + size])
            frames += [sent, sent] if turn % 3 == 0 else [sent]
    return frames


def redacted(folder: Path, frames: list[bytes], opened: bool) -> tuple[Exported, list[bytes]]:
    """The result and the payload of every written segment."""
    tables = read_made(folder, frames)
    clear = clear_of(tables) if opened else Clear()
    result = export_clear(tables, clear, folder / "clear.pcapng", ExportOptions(redact=True, ports={8443: 80}))
    written = read_capture(folder / "clear.pcapng")
    rows = range(written.packets.frames)
    at = written.packets.payload_at
    return result, [frame[at[row] :] for row, frame in zip(rows, written.read_frames(rows), strict=True)]


@pytest.mark.parametrize("opened", [True, False], ids=["opened", "plain"])
@pytest.mark.parametrize("name", CASES)
def test_no_secret_is_left(tmp_path: Path, name: str, opened: bool) -> None:
    client, server = CASES[name]
    assert b"Z" in client + server
    for size in SIZES:
        result, payloads = redacted(tmp_path, conversation(client, server, size), opened)
        assert [data for data in payloads if b"Z" in data] == []
        assert result.redacted > 0
        assert len(b"".join(payloads)) >= len(client + server)


@pytest.mark.parametrize("name", ["basic", "form", "soap", "ldap", "tds", "ftp", "json"])
def test_what_is_no_secret_stays(tmp_path: Path, name: str) -> None:
    client, _ = CASES[name]
    redacted(tmp_path, conversation(*CASES[name], 1400), True)
    (written,) = said(read_capture(tmp_path / "clear.pcapng"))[0]
    assert len(written[1]) == len(client)
    changed = [place for place, (one, other) in enumerate(zip(client, written[1], strict=True)) if one != other]
    assert all(client[place] in b"Z=\0bob" for place in changed)


def test_messages_without_secrets_stay_as_they_are(tmp_path: Path) -> None:
    client = http("Accept: text/html", body=b"name=bob&city=Z\xc3\xbcrich", start="POST /a?b=c HTTP/1.1")
    result, _ = redacted(tmp_path, conversation(client, OK, 1400), True)
    assert said(read_capture(tmp_path / "clear.pcapng")) == [[(0, client)], [(0, OK)]]
    assert result.redacted == 0
    assert result.notes == []


@pytest.mark.parametrize("up", [True, False], ids=["client", "server"])
@pytest.mark.parametrize("name", CASES)
def test_a_gap_anywhere_leaves_nothing_of_a_secret(tmp_path: Path, name: str, up: bool) -> None:
    data, other = CASES[name] if up else CASES[name][::-1]
    for width, missing in ((width, at) for width in (4, 30) for at in range(len(name) % 7, len(data), 7)):
        pieces = [(0, data[:missing]), (missing + width, data[missing + width :])]
        frames = [*handshake(), *(segment(up, "A", at, 0, piece) for at, piece in pieces if piece)]
        tables = read_made(tmp_path, [*frames, segment(not up, "A", 0, 0, other or b"x")])
        talk = next(iter(open_streams(tables, [0])))
        found = find_talk_spans(talk).sides[talk.client_side if up else 1 - talk.client_side]
        assert [piece for at, piece in pieces if b"ZZ" in found.hide(piece, at)] == [], missing
        close_all()


@pytest.mark.parametrize("opened", [True, False], ids=["opened", "plain"])
def test_a_gap_is_written_without_the_rest_of_a_secret(tmp_path: Path, opened: bool) -> None:
    client = CASES["folded"][0]
    for missing in range(1, len(client) - 8, 9):
        pieces = [(0, client[:missing]), (missing + 4, client[missing + 4 :])]
        frames = [segment(True, "A", at, 0, piece) for at, piece in pieces]
        _, payloads = redacted(tmp_path, [*handshake(), *frames], opened)
        assert [data for data in payloads if b"ZZ" in data] == [], missing


@pytest.mark.parametrize("name", ["http2", "websocket", "packed sip"])
def test_the_user_is_told_of_what_is_blanked_whole(tmp_path: Path, name: str) -> None:
    result, _ = redacted(tmp_path, conversation(*CASES[name], 1400), True)
    assert any("blanked whole" in note for note in result.notes)


@pytest.mark.parametrize("opened", [True, False], ids=["opened", "plain"])
def test_the_user_is_told_of_unknown_protocols(tmp_path: Path, opened: bool) -> None:
    result, payloads = redacted(tmp_path, conversation(b"\x99\x88what is this", b"\x77\x66no idea", 1400), opened)
    (note,) = result.notes
    assert note == "all that is said in 1 conversation is blanked, since the protocol is not known here: 10.1.1.2:8443"
    assert set(b"".join(payloads)) <= set(b"*")


@pytest.mark.parametrize(
    "name", ["html before", "xml next", "json pair before", "form letters", "utf-16", "own cookie"]
)
def test_what_stands_around_such_secrets_stays(tmp_path: Path, name: str) -> None:
    client, server = CASES[name]
    redacted(tmp_path, conversation(client, server, 1400), True)
    sent, answered = said(read_capture(tmp_path / "clear.pcapng"))
    for kept, (written,) in zip((client, server), (sent, answered), strict=True):
        assert {one for one, other in zip(kept, written[1], strict=True) if one != other} <= set(b"Z\0;")


@pytest.mark.parametrize("opened", [True, False], ids=["opened", "plain"])
def test_checksums_stay_right(tmp_path: Path, opened: bool, program: Callable[[str], str]) -> None:
    for name in ("basic", "cookie", "tds"):
        redacted(tmp_path, conversation(*CASES[name], 7), opened)
        assert complaints(program, tmp_path / "clear.pcapng", "tcp.checksum.status == 0") == []


@pytest.mark.parametrize("opened", [True, False], ids=["opened", "plain"])
def test_another_copy_of_an_unknown_protocol_is_blanked_too(tmp_path: Path, opened: bool) -> None:
    frames = [segment(True, "A", 0, 0, b"bob\r\naaaa\r\n"), segment(True, "A", 0, 0, b"bob\r\nZZZZ\r\n")]
    _, payloads = redacted(tmp_path, [*handshake(), *frames], opened)
    assert [data for data in payloads if b"Z" in data] == []


def test_http2_with_blanked_heads_is_still_http2(tmp_path: Path, program: Callable[[str], str]) -> None:
    from tests.support.oracle import tshark_rows

    redacted(tmp_path, conversation(*CASES["http2"], 1400), True)
    rows = tshark_rows(program("tshark"), tmp_path / "clear.pcapng", ["http2.type"], "http2", "a")
    assert sum(row[0].count(",") + 1 for row in rows) >= 4
