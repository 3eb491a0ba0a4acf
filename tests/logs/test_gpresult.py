"""gpresult /r: what was applied and what was left out, in known languages and by shape, damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.log_texts import damaged, only_log
from wireproof.logs import gpresult
from wireproof.logs.gpresult import GpresultLog, find
from wireproof.logs.text import LogText

ENGLISH = """\
COMPUTER SETTINGS
------------------
    CN=CLIENT1,OU=Laptops,DC=contoso,DC=com
    Last time Group Policy was applied: 5/10/2012 at 3:00:00 PM
    Domain Type:                        Windows 2000

    Applied Group Policy Objects
    -----------------------------
        UAG DirectAccess: Clients (UAGServer-FQDN)
        Default Domain Policy

    The following GPOs were not applied because they were filtered out
    -------------------------------------------------------------------
        Local Group Policy
            Filtering:  Not Applied (Empty)

        WSUS
            Filtering:  Denied (WMI Filter)
            WMI Filter: Laptops

    The computer is a part of the following security groups
    -------------------------------------------------------
        BUILTIN\\Administrators

USER SETTINGS
--------------
    Applied Group Policy Objects
    -----------------------------
        N/A
"""
POLISH = """\
    Zastosowane obiekty zasad grupy
    --------------------------------
        DirectAccess Client Settings

    Następujące obiekty zasad grupy nie zostały zastosowane
    --------------------------------------------------------
        Zasady lokalne
            Filtrowanie:  Nie zastosowano (Puste)
"""


def test_applied_policies_and_those_left_out_are_read_with_the_reason() -> None:
    log = only_log(GpresultLog, ENGLISH)
    assert [one.name for one in log.policies if one.is_applied] == [
        "UAG DirectAccess: Clients (UAGServer-FQDN)",
        "Default Domain Policy",
    ]
    assert [(one.name, one.reason) for one in log.policies if not one.is_applied] == [
        ("Local Group Policy", "Not Applied (Empty)"),
        ("WSUS", "Denied (WMI Filter)"),
    ]
    assert log.policies[0].line == 9


def test_groups_and_nothing_are_no_policies() -> None:
    assert not {"BUILTIN\\Administrators", "N/A"} & {one.name for one in only_log(GpresultLog, ENGLISH).policies}


def test_a_language_that_is_not_known_is_read_by_the_order_of_its_sections() -> None:
    log = find(LogText("x", POLISH.splitlines()))
    assert log is not None
    assert [(one.name, one.is_applied) for one in log.policies] == [
        ("DirectAccess Client Settings", True),
        ("Zasady lokalne", False),
    ]


def test_sections_of_other_outputs_are_none() -> None:
    assert (
        find(LogText("x", ["Public Profile Settings:", "-" * 40, "    State   ON", "    Firewall Policy  x"])) is None
    )


@given(damaged(ENGLISH + POLISH) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.policies if log else ():
        assert 1 <= one.line <= len(text.splitlines())
        assert one.name


def test_policies_beyond_the_limit_leave_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only_log(GpresultLog, ENGLISH).notes == []
    monkeypatch.setattr(gpresult, "MOST", 1)
    log = only_log(GpresultLog, ENGLISH)
    assert (len(log.policies), log.notes) == (1, ["policies are read up to line 9; 3 more were not"])
