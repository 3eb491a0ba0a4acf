"""The report on a site as JSON and SARIF: that of `check`, with what was planned."""

from __future__ import annotations

import json

from tests.support.sites import FILE, make_finding, make_journey, make_reviewed, make_verdicts
from wireproof.directaccess.topology.model import Outcome
from wireproof.report.as_sarif import make_log
from wireproof.report.plan.as_json import make_site_document, render_site_json
from wireproof.report.plan.outline import outline_site

REPORT = outline_site(
    make_reviewed(2, make_journey(), make_journey(Outcome.LOOP), make_journey(asked=True)),
    make_verdicts(make_finding()),
)
DOCUMENT = json.loads(render_site_json(REPORT))


def test_the_keys_of_the_report_on_captures_are_there() -> None:
    assert list(DOCUMENT) == ["wireproof", "title", "captures", "findings", "undecided", "notes", "plan"]
    assert DOCUMENT["captures"] == []
    assert DOCUMENT["findings"][0]["evidence"] == [{"log": FILE, "line": 14, "note": "this adapter has no route"}]


def test_the_plan_holds_method_prefixes_machines_and_classes() -> None:
    plan = DOCUMENT["plan"]
    assert (plan["method"], plan["applied"], plan["delivered"]) == ("native-automatic", True, 1)
    assert plan["prefixes"][0]["ip_https"]["derived"] == "2002:836b:3:1000::/64"
    assert [machine["name"] for machine in plan["machines"]] == ["DESK1", "DESK2", "Group policy"]
    step = plan["machines"][0]["steps"][1]
    assert step["do"]["powershell"][0].startswith("New-NetRoute ")
    assert step["undo"]["netsh"][0].startswith("netsh interface ipv6 delete route ")
    assert [each["outcome"] for each in plan["classes"]] == ["delivered", "loop"]
    assert plan["classes"][0]["there"]["trace"][0]["node"] == "DESK1"
    assert len(plan["expectations"]) == 1


def test_the_document_is_plain_values() -> None:
    assert json.loads(json.dumps(make_site_document(REPORT))) == DOCUMENT


def test_sarif_points_at_the_line_of_the_site_file() -> None:
    run = make_log(REPORT.findings)["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": FILE}, "region": {"startLine": 14}}
    assert "State in the site file: routers" in run["results"][1]["message"]["text"]
