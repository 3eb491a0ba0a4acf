"""What rules ISATAP on the DirectAccess server out."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, ONE_SERVER, fatal, plan
from tests.support.site_text import change


def test_a_single_server_may_be_the_router_and_the_contradiction_is_told() -> None:
    assert fatal(ONE_SERVER, "isatap") == set()
    (told,) = [one for one in plan(ONE_SERVER).choice.objections if one.method.value == "isatap"]
    assert told.key == "documents-disagree"
    assert len(told.sources) == 2


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (BALANCED, {"external-balancer", "intranet-has-ipv6"}),
        (change(ONE_SERVER, "    servers:\n", "    balancing: nlb\n    servers:\n"), {"nlb-cluster"}),
        (
            change(
                ONE_SERVER,
                "stations:\n",
                "  - {name: Lyon, servers: [{name: DA9, internal: {}, external: {}}]}\nstations:\n",
            ),
            {"multisite"},
        ),
    ],
)
def test_reasons_that_rule_it_out(text: str, reasons: set[str]) -> None:
    assert reasons <= fatal(text, "isatap")


def test_a_single_adapter_needs_care_but_does_not_rule_it_out() -> None:
    text = change(ONE_SERVER, "        external: {name: Internet, index: 13, ipv4: [131.107.0.2, 131.107.0.3]}\n", "")
    cautions = [
        one for one in plan(text).choice.objections if one.method.value == "isatap" and one.key == "single-adapter"
    ]
    assert [one.fatal for one in cautions] == [False]
