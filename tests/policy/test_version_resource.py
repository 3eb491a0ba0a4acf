"""Version resources: the numbers of the fixed part, the texts of the first declared language, and damage."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.programs import version_resource
from wireproof.policy.model import Identity, Version
from wireproof.policy.version_resource import unpack_identity

GERMAN = {"ProductName": "Fußnote", "OriginalFilename": "fuss.exe"}
ENGLISH = {"ProductName": "Footnote ®", "OriginalFilename": "foot.exe"}


def test_numbers_and_texts_are_read_in_capitals() -> None:
    found = unpack_identity(version_resource((1, 2, 3, 65535), {"040904b0": ENGLISH}))
    assert found == Identity("FOOTNOTE ®", "FOOT.EXE", Version((1, 2, 3, 65535)))


def test_the_first_declared_language_counts_and_not_the_first_table() -> None:
    tables = {"040704b0": GERMAN, "040904B0": ENGLISH}
    assert (
        unpack_identity(version_resource(tables=tables, translations=[(0x409, 1200), (0x407, 1200)])).binary
        == "FOOT.EXE"
    )
    assert unpack_identity(version_resource(tables=tables, translations=[(0x407, 1200)])).product == "FUßNOTE"


def test_texts_of_a_language_that_is_not_declared_do_not_count() -> None:
    found = unpack_identity(version_resource(tables={"000004e4": ENGLISH}))
    assert (found.product, found.binary, found.version) == ("", "", Version((15, 0, 4454, 1006)))
    assert unpack_identity(version_resource(translations=[])).product == ""


def test_what_is_no_version_resource_says_nothing() -> None:
    whole = version_resource()
    assert unpack_identity(b"") == Identity()
    assert unpack_identity(b"\0" * 400) == Identity()
    assert unpack_identity(whole.replace((0xFEEF04BD).to_bytes(4, "little"), bytes(4))) == Identity()


WHOLE = version_resource(tables={"040704b0": GERMAN, "040904b0": ENGLISH})


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6), st.integers(0, len(WHOLE)))
def test_any_damage_is_read_without_harm(at: int, instead: bytes, end: int) -> None:
    unpack_identity((WHOLE[:at] + instead + WHOLE[at + len(instead) :])[:end])
