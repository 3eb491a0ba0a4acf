"""Where TLS begins within other protocols, and streams without the packets around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.talk import Close, Send, Step
from tests.support.tls_handshakes import SERVER, Pair, capture, client_context, server_context
from tests.support.verdicts import open_case
from wireproof.decrypt.beginning import Beginning, Spliced, find_beginning
from wireproof.streams import open_streams


def beginning(folder: Path, steps: list[Step]) -> Beginning | None:
    tables = open_case(capture(folder, steps, port=9000)).points[0].tables
    return next(find_beginning(talk) for talk in open_streams(tables, np.array([0])))


def hellos() -> list[Step]:
    pair = Pair(client_context(), server_context(SERVER), "www.example.com")
    assert pair.handshake()
    return pair.steps


def test_a_conversation_that_begins_with_a_hello_is_tls_from_its_first_byte(tmp_path: Path) -> None:
    found = beginning(tmp_path, hellos())
    assert found
    assert (found.client_side, found.starts, found.inside) == (0, (0, 0), "")


def test_the_side_that_sends_the_hello_is_the_tls_client(tmp_path: Path) -> None:
    turned = [
        Send("client" if step.by == "server" else "server", step.data) for step in hellos() if isinstance(step, Send)
    ]
    found = beginning(tmp_path, [Send("server", b"220 hello\r\n"), *turned])
    assert found
    assert (found.client_side, found.inside) == (1, "starttls")


def test_the_offset_behind_the_prologue_is_found(tmp_path: Path) -> None:
    found = beginning(
        tmp_path,
        [Send("server", b"220 hello\r\n"), Send("client", b"STARTTLS\r\n"), Send("server", b"220 go\r\n"), *hellos()],
    )
    assert found
    assert (found.starts, found.inside) == ((10, 19), "starttls")


@pytest.mark.parametrize(
    "steps",
    [
        [Send("server", b"220 hello\r\n"), Send("client", b"QUIT\r\n"), Close("client")],
        [
            Send("client", b"\x12\x01\0\x10" + bytes(12)),
            Send("server", b"\x04\x01\0\x10" + bytes(12)),
            Send("client", b"\x10\x01\0\x10" + bytes(12)),
        ],
    ],
    ids=["smtp", "tds"],
)
def test_protocols_that_start_no_tls_have_none(tmp_path: Path, steps: list[Step]) -> None:
    assert beginning(tmp_path, steps) is None


class Straight:
    """A stream of known bytes in packets of ten."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, start: int, count: int) -> bytes:
        return self.data[start : start + count]

    def next_after(self, offset: int) -> int | None:
        return offset if offset < len(self.data) else None

    def row(self, offset: int) -> int:
        return offset // 10

    def rows(self, start: int, end: int) -> list[int]:
        return list(range(start // 10, (end - 1) // 10 + 1))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.binary(min_size=1, max_size=30)), min_size=1, max_size=6),
    st.integers(0, 200),
    st.integers(1, 60),
)
def test_spliced_parts_read_as_one_stream(pieces: list[tuple[int, bytes]], start: int, count: int) -> None:
    raw, parts, wanted = b"", [], b""
    for skipped, data in pieces:
        raw += b"#" * skipped
        parts.append((len(wanted), len(raw), len(data)))
        raw, wanted = raw + data, wanted + data
    spliced = Spliced(Straight(raw), parts)  # type: ignore[arg-type]
    assert spliced.read(start, count) == wanted[start : start + count]
    for offset in range(len(wanted)):
        assert raw[10 * spliced.row(offset) : 10 * spliced.row(offset) + 10].count(wanted[offset]) >= 1
        assert spliced.next_after(offset) == offset
    assert spliced.next_after(len(wanted)) is None
    assert spliced.row(len(wanted)) == -1
    assert spliced.rows(0, len(wanted))[-1] == (len(raw) - 1) // 10


def test_five_bytes_of_a_record_and_no_more_are_no_hello(tmp_path: Path) -> None:
    steps = [Send("server", b"220 hello\r\n"), Send("client", b"STARTTLS\r\n"), Send("server", b"220 go\r\n")]
    assert beginning(tmp_path, [*steps, Send("client", b"\x16\x03\x01\x00\x40")]) is None
