"""What is said on written frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.export.clearing import handshake, read_made
from wireproof.decrypt.outcome import Outcome, Status
from wireproof.export.carriers import Carriers
from wireproof.export.comments import Comments, describe_session
from wireproof.export.rows import RowOrder


def test_frames_are_named_with_their_file_and_not_its_folder(tmp_path: Path) -> None:
    tables = read_made(tmp_path, handshake())
    comments = Comments(tables, RowOrder(tables.packets))
    rows = np.array([1])
    texts, ends = comments.name_rows(Carriers(rows, rows), np.array([False]))
    assert texts[: int(ends[0])] == b"frame 2 of made.pcap"
    assert comments.of_rows(rows) == {}
    assert comments.of_file().startswith("made.pcap with its opened sessions")
    assert str(tmp_path) not in comments.of_file()


def test_a_session_is_described_as_far_as_it_is_known() -> None:
    known = {"conversation": 0, "status": Status.DECRYPTED}
    assert describe_session(Outcome(**known)) == "was TLS"  # type: ignore[arg-type]
    text = describe_session(Outcome(**known, version=0x0304, server_name="a.example", key="C:\\private/bob/keys.log"))  # type: ignore[arg-type]
    assert text == "was TLS 1.3, server name a.example, opened with keys.log"
