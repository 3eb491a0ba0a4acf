"""The access check: integrity before the DACL, entries in order, restricting SIDs last, and what a text leaves open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.security import Descriptor, Group, Token, unpack_sddl
from wireproof.wire.security_check import (
    DENIED,
    GRANTED,
    IMPERSONATION,
    INTEGRITY,
    MISSING,
    RESTRICTED,
    UNKNOWN,
    allowed_by_integrity,
    check_access,
)
from wireproof.wire.security_names import FILE_EXECUTE, FILE_READ, FILE_WRITE, GENERIC_WRITE, WRITE_OWNER

BOTH = FILE_READ | FILE_WRITE
ON = frozenset({"Enabled"})


def sddl(text: str) -> Descriptor:
    found = unpack_sddl(text, 1)
    assert found is not None
    return found


def token(level: int = 0x2000, *sids: str, **more: object) -> Token:
    groups = tuple(Group(sid, ON) for sid in (*sids, f"S-1-16-{level}"))
    return Token("S-1-5-7", groups, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "label", "asked", "step"),
    [
        (0, "", BOTH, INTEGRITY),
        (0, "", FILE_READ, GRANTED),
        (0x1000, "", BOTH, INTEGRITY),
        (0x2000, "", BOTH, GRANTED),
        (0x3000, "", BOTH, GRANTED),
        (0, "S:(ML;;NW;;;S-1-16-0)", BOTH, GRANTED),
        (0, "S:(ML;;NW;;;LW)", BOTH, INTEGRITY),
        (0x1000, "S:(ML;;NW;;;LW)", BOTH, GRANTED),
        (0x1000, "S:(ML;;NR;;;HI)", FILE_READ, INTEGRITY),
        (0x1000, "S:(ML;;NR;;;HI)", GENERIC_WRITE, GRANTED),
        (0x1000, "S:(ML;;NX;;;HI)", BOTH, GRANTED),
        (0x1000, "S:(ML;IO;NW;;;HI)", BOTH, INTEGRITY),
        (0x2000, "S:(ML;IO;NW;;;HI)", BOTH, GRANTED),
        (0x2000, "S:(ML;;NW;;;HI)", BOTH, INTEGRITY),
    ],
)
def test_integrity_comes_first(level: int, label: str, asked: int, step: str) -> None:
    assert check_access(token(level), sddl(f"D:(A;;FA;;;AN){label}"), asked).step == step


def test_what_may_be_written_up_without_reading_up_lacks_the_rights_that_both_have_not() -> None:
    low, high = token(0x1000), sddl("D:(A;;FA;;;AN)S:(ML;;NR;;;HI)")
    assert allowed_by_integrity(low, high) == FILE_WRITE | FILE_EXECUTE
    assert allowed_by_integrity(token(0x1000, privileges=frozenset({"SeRelabelPrivilege"})), high) & WRITE_OWNER
    assert allowed_by_integrity(token(0x3000), high) == 0xFFFFFFFF


def test_the_dacl_is_not_looked_at_when_integrity_refuses() -> None:
    decision = check_access(token(0), sddl("D:(D;;FA;;;AN)"), BOTH)
    assert (decision.step, decision.ace, decision.lacks) == (INTEGRITY, None, 0x116)


def test_an_entry_that_denies_counts_only_for_what_is_not_granted_before() -> None:
    assert check_access(token(), sddl("D:(A;;FA;;;AN)(D;;FA;;;AN)"), BOTH).step == GRANTED
    decision = check_access(token(), sddl("D:(D;;FW;;;AN)(A;;FA;;;AN)"), BOTH)
    assert (decision.step, decision.ace is not None and decision.ace.sid) == (DENIED, "S-1-5-7")


def test_an_entry_that_is_only_inherited_counts_for_nothing() -> None:
    assert check_access(token(), sddl("D:(D;IO;FA;;;AN)(A;;FA;;;AN)"), BOTH).step == GRANTED
    assert check_access(token(), sddl("D:(A;IO;FA;;;AN)"), BOTH).step == MISSING


def test_groups_that_are_off_or_only_deny() -> None:
    off = Token("S-1-5-7", (Group("S-1-1-0", frozenset()), Group("S-1-16-8192")))
    only_deny = Token("S-1-5-7", (Group("S-1-1-0", frozenset({"UseForDenyOnly"})), Group("S-1-16-8192")))
    assert check_access(off, sddl("D:(A;;FA;;;WD)"), BOTH).step == MISSING
    assert check_access(only_deny, sddl("D:(A;;FA;;;WD)"), BOTH).step == MISSING
    assert check_access(only_deny, sddl("D:(D;;FA;;;WD)(A;;FA;;;AN)"), BOTH).step == DENIED
    assert check_access(off, sddl("D:(D;;FA;;;WD)(A;;FA;;;AN)"), BOTH).step == GRANTED


def test_no_dacl_admits_everybody_and_an_empty_one_nobody() -> None:
    assert check_access(token(), sddl("D:NO_ACCESS_CONTROL"), BOTH).step == GRANTED
    assert check_access(token(), sddl("D:"), BOTH).step == MISSING


def test_an_owner_may_read_and_write_the_dacl_unless_owner_rights_say_otherwise() -> None:
    assert check_access(token(), sddl("O:AND:"), 0x60000).step == GRANTED
    assert check_access(token(), sddl("O:AND:(A;;RC;;;OW)"), 0x60000).step == MISSING


def test_restricting_sids_have_to_be_admitted_too() -> None:
    restricted = token(0x2000, "S-1-1-0", restricted=(Group("S-1-5-12"),), restricted_count=1)
    assert check_access(restricted, sddl("D:(A;;FA;;;WD)"), BOTH).step == RESTRICTED
    assert check_access(restricted, sddl("D:(A;;FA;;;WD)(A;;FA;;;RC)"), BOTH).step == GRANTED
    writing = token(0x2000, "S-1-1-0", restricted=(Group("S-1-5-33"),), restricted_count=1, flags=0x8)
    assert check_access(writing, sddl("D:(A;;FA;;;WD)"), FILE_READ & ~FILE_WRITE).step == GRANTED
    assert check_access(writing, sddl("D:(A;;FA;;;WD)"), BOTH).step == RESTRICTED


def test_what_the_text_lacks_stays_open() -> None:
    admits = sddl("D:(A;;FA;;;WD)")
    assert check_access(token(0x2000, "S-1-1-0", restricted_count=2), admits, BOTH).step == UNKNOWN
    assert check_access(Token("S-1-5-7", (Group("S-1-1-0", ON),)), admits, BOTH).step == UNKNOWN
    assert check_access(Token("", (Group("S-1-16-8192"),)), admits, BOTH).step == UNKNOWN
    assert check_access(token(flags=0x4000), admits, BOTH).step == UNKNOWN
    assert check_access(token(0x2000, "S-1-1-0"), sddl("D:(XA;;FA;;;WD)"), BOTH).step == UNKNOWN
    assert check_access(token(), Descriptor(dacl=(), cut=True), BOTH).step == UNKNOWN


def test_a_client_that_may_only_be_identified_opens_nothing() -> None:
    for level, step in (("Identification", IMPERSONATION), ("Anonymous", IMPERSONATION), ("Delegation", GRANTED)):
        asked = check_access(token(kind="Impersonation", impersonation=level), sddl("D:(A;;FA;;;AN)"), BOTH)
        assert asked.step == step
    assert check_access(token(kind="Primary", impersonation="Anonymous"), sddl("D:(A;;FA;;;AN)"), BOTH).step == GRANTED


def test_what_was_taken_for_granted_is_told() -> None:
    unstated = Token("S-1-5-7", (Group("S-1-1-0"), Group("S-1-16-8192", ON)))
    assert check_access(unstated, sddl("D:(A;;FA;;;WD)"), BOTH).assumed == (
        "groups whose attributes the text lacks are enabled",
    )
    assert check_access(token(0), sddl("D:(A;;FA;;;WD)"), BOTH).assumed
    assert not check_access(token(0), sddl("D:(A;;FA;;;WD)S:"), BOTH).assumed


LEVELS = st.sampled_from([0, 0x1000, 0x2000, 0x3000, 0x4000])


@given(LEVELS, LEVELS, st.sampled_from(["", "NW", "NR", "NWNR", "NX"]), st.integers(0, 0x1FFFFF))
def test_a_higher_level_is_never_refused_more_than_a_lower_one(one: int, other: int, policy: str, asked: int) -> None:
    label = f"S:(ML;;{policy};;;HI)" if policy else ""
    guarded = sddl(f"D:(A;;0x1fffff;;;AN){label}")
    low, high = (check_access(token(level), guarded, asked) for level in sorted((one, other)))
    assert high.lacks & ~low.lacks == 0
    assert low.step in (GRANTED, INTEGRITY)
