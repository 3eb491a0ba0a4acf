"""A process as rows: signs, words and frames, in every form of report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases import d21_directaccess as d21
from tests.cases.healthy import HEALTHY
from tests.support.directaccess import scene_case
from tests.support.verdicts import judge, open_case
from wireproof.case import Case
from wireproof.processes.stage import Outcome, Stage
from wireproof.report.as_html import render_html
from wireproof.report.as_json import render_json
from wireproof.report.as_markdown import render_markdown
from wireproof.report.as_text import render_text
from wireproof.report.outline import Outline, outline
from wireproof.report.stages import find_processes, tell
from wireproof.report.timeline import find_events


def report(case: Case) -> Outline:
    return outline(case, judge(case))


def rows(folder: Path, **fields: Any) -> dict[str, tuple[str, str]]:
    (process,) = find_processes(scene_case(folder, **fields), print)
    return {row.name: (row.sign, row.told) for row in process.rows}


def test_what_comes_up_is_told_stage_by_stage(tmp_path: Path) -> None:
    found = rows(tmp_path)
    assert found["location-probe"] == ("–", f"{d21.LOCATION} asked 4×, unanswered")
    assert found["location"] == ("✓", "outside")
    assert found["endpoint-resolved"] == ("✓", f"{d21.ENDPOINT} = {d21.SERVER}")
    assert found["tls-hello"] == ("✓", "NULL suites only: Windows 8 / Server 2012 or later")
    assert found["tunnel-up"] == ("✓", f"HTTP 200, {d21.INNER}")
    assert found["esp-traffic"] == ("✓", "9 packets out, 9 in")


@pytest.mark.parametrize(
    ("fields", "name", "told"),
    [
        ({"stop": "endpoint-resolved", "how": "name error"}, "endpoint-resolved", f"{d21.ENDPOINT}: NXDOMAIN"),
        ({"stop": "transport-connected"}, "transport-connected", "IP-HTTPS to 131.107.0.5:443, 3 SYNs, unanswered"),
        (
            {"stop": "transport-connected", "how": "refused"},
            "transport-connected",
            "IP-HTTPS to 131.107.0.5:443, refused",
        ),
        (
            {"stop": "tls-done", "how": "alert"},
            "tls-done",
            "alert handshake_failure from the server, the server closes",
        ),
        (
            {"stop": "tunnel-up", "how": "no router"},
            "tunnel-up",
            "HTTP 200, 4 router solicitations, no advertisement, unanswered",
        ),
        ({"stop": "main-mode", "how": "error"}, "main-mode", f"with {d21.INNER_SERVER}: ERROR_IPSEC_IKE_AUTH_FAIL"),
    ],
)
def test_what_stopped_is_told_in_words(tmp_path: Path, fields: dict[str, Any], name: str, told: str) -> None:
    assert rows(tmp_path, **fields)[name] == ("✕", told)


def test_a_stage_that_was_not_seen_tells_nothing() -> None:
    assert tell(Stage("tls-done", "TLS handshake", Outcome.NOT_SEEN)) == ""


def test_lead_says_who_with_whom_and_how_it_ended(tmp_path: Path) -> None:
    (up,) = find_processes(scene_case(tmp_path), print)
    assert up.lead.endswith(f"→ {d21.ENDPOINT} ({d21.SERVER}:443) by IP-HTTPS: comes up")
    (stopped,) = find_processes(scene_case(tmp_path, stop="tls-done"), print)
    assert stopped.lead.endswith("stops at “TLS handshake” after “TLS hello”")
    (inside,) = find_processes(scene_case(tmp_path, inside=True), print)
    assert inside.lead.endswith("inside, no tunnel needed")


def test_json_has_the_process_with_frames_seconds_and_facts(tmp_path: Path) -> None:
    document = json.loads(render_json(report(scene_case(tmp_path, stop="transport-connected"))))
    (told,) = document["directaccess"]
    assert (told["capture"], told["client"], told["endpoint"]) == ("client", d21.CLIENT, d21.ENDPOINT)
    assert (told["last_done"], told["stopped_at"], told["location"]) == (
        "endpoint-resolved",
        "transport-connected",
        "outside",
    )
    stages = {stage["name"]: stage for stage in told["stages"]}
    assert [frame["frame"] for frame in stages["location-probe"]["frames"]] == list(d21.LOCATION_FRAMES)
    assert stages["endpoint-resolved"]["duration_s"] == pytest.approx(0.03)
    assert stages["tls-hello"]["start_s"] is None
    assert stages["transport-connected"]["facts"]["syns"] == 3


@pytest.mark.parametrize("write", [render_text, render_markdown, render_html, render_json])
def test_every_form_tells_the_process_and_none_tells_one_of_other_traffic(tmp_path: Path, write: Any) -> None:
    told, other = report(scene_case(tmp_path)), report(open_case(next(iter(HEALTHY.values()))(tmp_path)))
    assert "Name of the DirectAccess server" in str(write(told))
    assert "directaccess" not in str(write(other)).lower()


def test_the_timeline_of_facts_has_each_stage_once(tmp_path: Path) -> None:
    events = [event for event in find_events(scene_case(tmp_path), 1) if event.who.startswith("DirectAccess")]
    assert [event.frame for event in events][:4] == [4, 26, 82, 175]
    assert events[4].what == f"Name of the DirectAccess server: {d21.ENDPOINT} = {d21.SERVER}"


def test_a_defect_becomes_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = scene_case(tmp_path)
    monkeypatch.setattr("wireproof.report.stages.make_process", lambda *_: 1 // 0)
    noted: list[str] = []
    assert find_processes(case, noted.append) == []
    assert "DirectAccess" in noted[0]
