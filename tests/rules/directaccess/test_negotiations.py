"""What a traced computer logged of a failed IPsec negotiation: told where it is of the same stage and the same addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.capture.etl.logs import Event, Header, make_log, ndis
from tests.support.directaccess import scene_case
from tests.support.etl_fields import pack_event_data
from tests.support.verdicts import only, open_case
from wireproof.finding import Finding
from wireproof.logs.etl_layouts_services import WFP

RULE = "directaccess-stopped"
MAIN, QUICK = 1005, 1007


def traced(folder: Path, number: int, code: int, ends: tuple[str, str] | None = None, **scene: Any) -> Finding:
    """The scene as a trace of the client with an event about its negotiation, or about one between other ends."""
    plain = scene_case(folder, **scene)
    (told,) = [finding for finding in [only(plain, RULE)] if finding.conversations]
    point = plain.points[0]
    talk = point.talk(told.conversations[0][1])
    local, remote = ends or (talk.address(0), talk.address(1))
    data = pack_event_data(WFP, number, 1, local=(local, 500), remote=(remote, 500), status=code)
    times = point.packets.time_ns[: point.packets.frames].tolist()
    rows = range(point.packets.frames)
    packets = [ndis(frame, at - times[0]) for frame, at in zip(point.frames(rows), times, strict=True)]
    path = folder / "client.etl"
    path.write_bytes(make_log([*packets, Event(WFP, number, data, 10**9, version=1)], header=Header(start_ns=times[0])))
    return only(open_case({"client": path}), RULE)


def test_the_error_of_the_computer_itself_is_told(tmp_path: Path) -> None:
    finding = traced(tmp_path, MAIN, 13806, stop="main-mode")
    assert finding.facts["stopped_at"] == "main-mode"
    assert "client logged for main mode: 13806 (ERROR_IPSEC_IKE_NO_CERT)." in finding.summary
    assert [piece.note for piece in finding.evidence if piece.line] == [
        "IPsec of the computer itself: 13806 (ERROR_IPSEC_IKE_NO_CERT)"
    ]
    assert any("There is no computer certificate that fits" in step for step in finding.fix)


def test_quick_mode_has_its_own_events(tmp_path: Path) -> None:
    finding = traced(tmp_path, QUICK, 13868, stop="quick-mode")
    assert "client logged for quick mode: 13868 (ERROR_IPSEC_IKE_POLICY_MATCH)." in finding.summary


@pytest.mark.parametrize(
    ("number", "code", "ends", "stop"),
    [
        (MAIN, 13806, ("10.0.0.1", "10.0.0.2"), "main-mode"),
        (QUICK, 13868, None, "main-mode"),
        (MAIN, 0, None, "main-mode"),
    ],
    ids=["other-addresses", "other-stage", "no-error"],
)
def test_an_event_on_something_else_is_not_told(
    tmp_path: Path, number: int, code: int, ends: tuple[str, str] | None, stop: str
) -> None:
    finding = traced(tmp_path, number, code, ends, stop=stop)
    assert "logged for" not in finding.summary
    assert [piece.line for piece in finding.evidence if piece.line] == []
