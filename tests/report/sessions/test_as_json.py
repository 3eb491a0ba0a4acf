"""Sessions for programs: every session, fixed keys."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.support.sessions import many, mixed
from tests.support.verdicts import open_case
from wireproof.export.options import Exported
from wireproof.report.captures import make_captures
from wireproof.report.sessions.as_json import make_decryption, render_decrypted_json
from wireproof.report.sessions.outcome import Decrypted, Written

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "https-order"


def test_counts_keys_reasons_and_every_session() -> None:
    document = make_decryption(mixed())
    assert {name: document[name] for name in ("sessions", "decrypted", "partly", "closed")} == {
        "sessions": 6,
        "decrypted": 3,
        "partly": 1,
        "closed": 2,
    }
    assert document["keys"][0] == {
        "name": "keys/server.pfx", "kind": "private key", "keys": 1, "opened": 3, "unused": None, "notes": [],
    }  # fmt: skip
    assert document["keys"][2]["unused"] == "its key belongs to no certificate in the capture"
    assert [entry["reason"] for entry in document["reasons"]] == ["forward-secrecy", "missing-bytes", "resumed"]
    assert len(make_decryption(many(2000))["table"]) == 2000


def test_a_session_has_state_and_reason() -> None:
    first, second = make_decryption(mixed())["table"][:2]
    assert (first["state"], first["reason"], first["key"], first["bytes"]) == (
        "decrypted",
        None,
        "keys/server.pfx",
        48_123,
    )
    assert (second["state"], second["reason"], second["key"]) == ("closed", "forward-secrecy", None)
    assert (second["why_frame"], second["unread_records"]) == (29, 9)


def test_the_document_names_captures_and_what_was_written() -> None:
    case = open_case({"server": EXAMPLE / "server.pcapng"})
    made = Decrypted(list(zip(make_captures(case), [mixed()], strict=True)), notes=["a note"])
    (capture,) = json.loads(render_decrypted_json(made))["captures"]
    assert (capture["name"], capture["packets"], capture["written"]) == ("server", 82, None)
    done = Exported(frames=82, clear=30, conversations=3, redacted=2, left_out=Counter({"cut short": 1}))
    made.written["server"] = Written("clear.pcapng", done)
    document = json.loads(render_decrypted_json(made))
    assert document["notes"] == ["a note"]
    assert document["captures"][0]["written"] == {
        "file": "clear.pcapng", "frames": 82, "clear_frames": 30, "inner_frames": 0, "conversations": 3, "redacted": 2,
        "left_out": {"cut short": 1}, "notes": [],
    }  # fmt: skip
