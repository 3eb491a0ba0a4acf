"""The name `isatap`."""

from __future__ import annotations

import pytest

from tests.support.plans import BESIDE_ROUTER, found
from tests.support.site_text import change

RULE = "plan-isatap-name"


@pytest.mark.parametrize(
    "text",
    [
        change(BESIDE_ROUTER, "record: da-isatap.corp.example", "record: isatap.corp.example"),
        BESIDE_ROUTER + "dns: [{name: ISATAP.corp.example, value: 10.0.0.31}]\n",
        change(
            BESIDE_ROUTER,
            "  record:",
            "  commands: [netsh interface ipv6 isatap set router isatap.corp.example]\n  record:",
        ),
    ],
)
def test_the_name_is_found_in_record_dns_and_commands(text: str) -> None:
    (finding,) = found(RULE, text)
    assert "isatap" in text.splitlines()[finding.evidence[0].line - 1].lower()
    assert finding.references


def test_names_that_contain_the_word_are_fine() -> None:
    assert found(RULE, BESIDE_ROUTER + "dns: [{name: isatap01.corp.example, value: 10.0.0.31}]\n") == []
