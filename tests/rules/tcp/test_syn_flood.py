"""tcp-syn-flood: half-open connections by the hundred; scans, outages and busy servers stay silent."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import Frame
from tests.support.scripted import SERVER, Row, frames, handshake
from tests.support.verdicts import judge, make_case, only

RULE = "tcp-syn-flood"
ANSWERED = [Row(0, "c", "S"), Row(0.0001, "s", "SA", 0, 1)]


def spread(rows: list[Row], count: int, each_s: float, server: tuple[str, int] = SERVER, ports: int = 0) -> list[Frame]:
    """The rows from so many clients, one after the other; with `ports` to so many server ports."""
    found = []
    for turn in range(count):
        target = (server[0], 1 + turn % ports) if ports else server
        moved = [row._replace(at_s=row.at_s + turn * each_s) for row in rows]
        found += frames(moved, (f"198.51.{turn // 250}.{1 + turn % 250}", 1024 + turn), target)
    return sorted(found)


def test_a_flood_is_named_with_its_rate_and_sources(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"server": spread(ANSWERED, 600, 0.005)}), RULE)
    assert finding.facts["half_open"] == 600
    assert finding.facts["sources"] == 600
    assert finding.facts["peak_per_s"] == 200
    assert len(finding.evidence) == 12
    assert finding.talk is not None
    assert finding.talk.server == "10.9.0.2:80"


def test_a_flood_that_the_server_does_not_answer_is_one_too(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"server": spread(ANSWERED[:1], 400, 0.005)}), RULE)
    assert finding.facts["answered"] == 0
    assert "attack state" in finding.summary


def test_a_busy_server_is_silent(tmp_path: Path) -> None:
    rows = [*handshake(0.002), Row(0.003, "c", "PA", 1, 1, 30), Row(0.004, "s", "PA", 1, 31, 30)]
    assert judge(make_case(tmp_path, {"server": spread(rows, 600, 0.005)}), RULE).findings == []


def test_a_scan_of_many_ports_is_silent(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"server": spread(ANSWERED[:1], 600, 0.005, ports=600)}), RULE).findings == []


def test_clients_that_try_again_in_an_outage_are_silent(tmp_path: Path) -> None:
    rows = [Row(0, "c", "S"), Row(1, "c", "S"), Row(3, "c", "S")]
    assert judge(make_case(tmp_path, {"server": spread(rows, 300, 0.02)}), RULE).findings == []


def test_a_few_half_open_connections_are_silent(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"server": spread(ANSWERED, 120, 0.005)}), RULE).findings == []
