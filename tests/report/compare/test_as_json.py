"""A comparison as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.compared import Run
from tests.support.comparisons import outlined, with_stages
from wireproof.report.compare.as_json import render_comparison_json


def test_programs_find_the_first_difference_and_what_explains_it(tmp_path: Path) -> None:
    document = json.loads(render_comparison_json(outlined(tmp_path, Run(), Run(connects=False))))
    assert list(document) == [
        "wireproof", "good", "bad", "verdict", "differs", "first_difference", "because", "differences", "stages", "findings",
        "alike", "services", "notes",
    ]  # fmt: skip
    first = document["first_difference"]
    assert (first["kind"], first["matters"], first["good_frame"]["frame"]) == ("fails", True, 4)
    assert first["then_missing"] == ["GET /app/start"]
    assert document["because"] == [finding["id"] for finding in document["findings"]["only_bad"]]
    assert document["differs"] is True


def test_without_a_difference_there_is_none(tmp_path: Path) -> None:
    document = json.loads(render_comparison_json(outlined(tmp_path, Run(), Run())))
    assert (document["differs"], document["first_difference"], document["differences"]) == (False, None, [])


def test_stages_have_both_outcomes(tmp_path: Path) -> None:
    document = json.loads(render_comparison_json(with_stages(tmp_path)))
    assert any(stage["differs"] and stage["good"] == "done" for stage in document["stages"])
