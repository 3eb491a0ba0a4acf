"""Names of SIDs, integrity levels and access rights."""

from __future__ import annotations

from wireproof.wire.security_names import (
    ALIASES,
    FILE_ALL,
    FILE_READ,
    FILE_WRITE,
    GENERIC_ALL,
    GENERIC_READ,
    GENERIC_WRITE,
    access_name,
    label_sid,
    level_name,
    level_of,
    sid_name,
    specific,
)


def test_levels_are_the_last_number_of_their_sids() -> None:
    assert [level_of(sid) for sid in ("S-1-16-0", "S-1-16-8192", "S-1-5-7", "S-1-16-x", "")] == [
        0,
        8192,
        None,
        None,
        None,
    ]
    assert [level_name(level) for level in (0, 0x1000, 0x2000, 0x2100, 0x3000, 77)] == [
        "Untrusted", "Low", "Medium", "Medium Plus", "High", "S-1-16-77",
    ]  # fmt: skip


def test_sddl_has_two_letters_for_every_level_but_untrusted() -> None:
    assert [label_sid(level) for level in (0, 0x1000, 0x2000, 0x3000, 0x4000)] == ["S-1-16-0", "LW", "ME", "HI", "SI"]


def test_generic_rights_stand_for_those_of_files() -> None:
    assert specific(GENERIC_READ | GENERIC_WRITE) == FILE_READ | FILE_WRITE == 0x0012019F
    assert specific(GENERIC_ALL) == FILE_ALL
    assert specific(0x116) == 0x116


def test_masks_and_sids_in_words() -> None:
    assert [access_name(mask) for mask in (0x116, 0x89, 0x12019F, 0x1F01FF, 0x10000)] == [
        "writing", "reading", "reading and writing", "full access", "0x00010000",
    ]  # fmt: skip
    assert sid_name("S-1-5-7") == "S-1-5-7 (ANONYMOUS LOGON)"
    assert sid_name("S-1-16-0") == "S-1-16-0 (Untrusted integrity)"
    assert sid_name("S-1-5-21-1-2-3-513") == "S-1-5-21-1-2-3-513"


def test_no_two_names_stand_for_one_sid() -> None:
    assert len(set(ALIASES.values())) == len(ALIASES)
