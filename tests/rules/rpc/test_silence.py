"""Named ports that nobody tries, seen at the host that named them."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import SECOND, Frame
from tests.support import rpc
from tests.support.rpc_talks import Story
from tests.support.said_over import datagram, said
from tests.support.tables import spaced
from tests.support.verdicts import make_case
from wireproof.rules.rpc._silence import unseen_attempts


def test_the_named_host_asks_for_a_capture_at_the_client(tmp_path: Path) -> None:
    (question,) = unseen_attempts(make_case(tmp_path, Story(only=("server",)).points()))
    assert question.rule == "rpc-port-blocked"
    assert "TCP 49155 of 10.77.2.50" in question.reason
    assert question.capture_next.startswith("capture at 10.44.1.14")


@pytest.mark.parametrize(
    "story",
    [
        Story(fate="open", only=("server",)),
        Story(connects=False, only=("client",)),
        Story(connects=False),
        Story(only=("server",), until_s=2.0),
    ],
    ids=["tried", "at the client", "both", "too short"],
)
def test_otherwise_it_asks_nothing(tmp_path: Path, story: Story) -> None:
    assert list(unseen_attempts(make_case(tmp_path, story.points()))) == []


def test_a_capture_of_unknown_place_asks_too(tmp_path: Path) -> None:
    lines = [
        ("client", rpc.bind(1, [rpc.EPM])),
        ("server", rpc.bind_answer(1)),
        ("client", rpc.request(2, 3, rpc.map_request(rpc.MAPI))),
        ("server", rpc.response(2, rpc.map_answer([rpc.tower(rpc.MAPI, 49155, "10.0.0.2")]))),
    ]
    frames = spaced(said(lines, (50001, 135)))
    frames.append(Frame(frames[-1].time_ns + 9 * SECOND, datagram("client", b"later")))
    (question,) = unseen_attempts(make_case(tmp_path, {"tap": frames}))
    assert "10.0.0.1" in question.capture_next
