"""Descriptors in SDDL: what they say, what they leave out, and texts that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.security import ALLOW, AUDIT, DENY, LABEL, OTHER, SDDL, Ace, Descriptor, Group, Token, unpack_sddl

ACE = st.builds(
    "({};{};{};;;{})".format,
    st.sampled_from(["A", "D", "AU", "ML", "XX"]),
    st.sampled_from(["", "OI", "OICI", "IO"]),
    st.sampled_from(["FA", "GRGW", "0x1f01ff", "NW", "CCDC", "7"]),
    st.sampled_from(["BA", "WD", "AN", "LW", "S-1-16-0", "S-1-5-21-1-2-3-500"]),
)


def test_a_descriptor_with_all_its_parts() -> None:
    text = "O:BAG:SYD:P(A;;FA;;;BA)(D;OICI;GRGW;;;AN)(A;IO;0x1f01ff;;;S-1-5-21-1-2-3-500)S:AI(ML;;NWNR;;;LW)(AU;SA;FA;;;WD)"
    found = unpack_sddl(text, 7)
    assert found is not None
    assert (found.owner, found.group) == ("S-1-5-32-544", "S-1-5-18")
    assert found.dacl == (
        Ace(ALLOW, 0, 0x1F01FF, "S-1-5-32-544", 7),
        Ace(DENY, 3, 0xC0000000, "S-1-5-7", 7),
        Ace(ALLOW, 8, 0x1F01FF, "S-1-5-21-1-2-3-500", 7),
    )
    assert [ace.applies for ace in found.dacl] == [True, True, False]
    assert found.sacl is not None
    assert [ace.kind for ace in found.sacl] == [LABEL, AUDIT]
    assert (found.level, found.label_told) == ((0x1000, 3), True)


def test_without_a_label_an_object_is_medium_and_may_not_be_written_by_lower_ones() -> None:
    found = unpack_sddl("D:(A;;FA;;;AN)")
    assert found is not None
    assert (found.level, found.label, found.label_told) == ((0x2000, 1), None, False)
    assert Descriptor(sacl=(Ace(LABEL, 8, 1, "S-1-16-4096"),)).level == (0x2000, 1), "inherit only"


@pytest.mark.parametrize(("text", "dacl"), [("D:NO_ACCESS_CONTROL", None), ("D:", ()), ("D:P", ())])
def test_no_dacl_is_another_thing_than_an_empty_one(text: str, dacl: object) -> None:
    found = unpack_sddl(text)
    assert found is not None
    assert found.dacl == dacl


def test_entries_for_one_property_or_with_a_condition_are_not_decided_by_mask_and_sid() -> None:
    found = unpack_sddl("D:(OA;;CC;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)(ZZ;;FA;;;WD)")
    assert found is not None
    assert [ace.kind for ace in found.dacl or ()] == [OTHER, OTHER]


@pytest.mark.parametrize(
    "text", ["", "D", "x", "D:(A;;FA;;;QQ)", "D:(A;;F;;;WD)", "D:(A;;FA)", "D:(A;;FA;;;WD", "xD:(A;;FA;;;WD)", "Q:BA"]
)
def test_what_is_not_understood_is_none(text: str) -> None:
    assert unpack_sddl(text) is None


def test_a_descriptor_is_found_in_a_sentence() -> None:
    found = SDDL.search('_tcscat(szBuff,_T("D:(A;;FA;;;AN)S:(ML;;NW;;;S-1-16-0)"));')
    assert found is not None
    assert found[0] == "D:(A;;FA;;;AN)S:(ML;;NW;;;S-1-16-0)"


def test_groups_count_by_their_attributes() -> None:
    words = [None, frozenset(["Enabled"]), frozenset(["UseForDenyOnly"]), frozenset[str]()]
    groups = [Group("S-1-1-0", one) for one in words]
    assert [(group.enabled, group.deny_only) for group in groups] == [
        (True, False),
        (True, False),
        (False, True),
        (False, False),
    ]
    assert Token(groups=(groups[0], Group("S-1-16-0"))).level == 0
    assert Token(groups=(groups[0],)).level is None


@given(st.lists(ACE, max_size=6), st.lists(ACE, max_size=3))
def test_any_descriptor_of_known_parts_is_read_with_all_its_entries(dacl: list[str], sacl: list[str]) -> None:
    text = f"O:BAD:{''.join(dacl)}" + (f"S:{''.join(sacl)}" if sacl else "")
    known = not any((";NW;" in ace and not ace.startswith("(ML")) or (ace.startswith("(ML") and ";NW;" not in ace and ";7;" not in ace and "0x" not in ace)
                    for ace in dacl + sacl)  # fmt: skip
    found = unpack_sddl(text)
    assert (found is not None) == known
    if found is not None:
        assert (len(found.dacl or ()), len(found.sacl or ())) == (len(dacl), len(sacl))


@given(st.text(alphabet="OGDS:();ABWFRN-15x ", max_size=60))
def test_any_text_does_no_harm(text: str) -> None:
    unpack_sddl(text)
    SDDL.search(text)
