"""What `decrypt` has to tell over all captures."""

from __future__ import annotations

from pathlib import Path

from tests.support.sessions import many, mixed
from tests.support.verdicts import open_case
from wireproof.report.captures import make_captures
from wireproof.report.sessions.outcome import Decrypted

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "https-order"


def test_sessions_and_keys_are_summed_over_captures() -> None:
    (item,) = make_captures(open_case({"server": EXAMPLE / "server.pcapng"}))
    made = Decrypted([(item, mixed()), (item, many(10))])
    assert (made.opened, made.needed, len(made.tables)) == (12, 16, 2)
    assert [(key.title, key.opened) for key in made.keys] == [("server.pfx", 11), ("keys.log", 1), ("old.pfx", 0)]
