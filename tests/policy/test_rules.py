"""From files to rules: which rule a file gets and why, identifiers that stay, and what is left out."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.programs import PUBLISHER
from wireproof.policy.model import Choice, CodeFile, Collection, Identity, Inventory, PolicyError, Signer, Version
from wireproof.policy.rules import (
    HashRule,
    PublisherRule,
    Wanted,
    hashes_of,
    make_rules,
    read_user,
    rule_id,
    why_no_publisher,
)

IDENTITY = Identity("LYNC WEB APP", "LWAPLUGIN.EXE", Version((15, 0, 0, 1)))
SIGNER = Signer(PUBLISHER, has_timestamp=True)


def code(
    name: str = "a.exe",
    collection: Collection = Collection.EXE,
    identity: Identity = IDENTITY,
    signer: Signer | None = SIGNER,
) -> CodeFile:
    sha256 = hashlib.sha256(name.encode()).digest()
    hashed = None if collection is Collection.SCRIPT else sha256[::-1]
    return CodeFile(name, f"folder/{name}", 7, collection, sha256, sha256[:16], hashed, identity, signer)


def test_a_signed_file_gets_a_publisher_rule_and_others_a_hash_rule() -> None:
    made = make_rules(Inventory([code(), code("b.exe", signer=None)]), Wanted())
    assert [type(rule) for rule in made.rules] == [PublisherRule, HashRule]
    assert made.rules[0].name == f"LWAPLUGIN.EXE, version 15.0.0.1 and later, in LYNC WEB APP, from {PUBLISHER}"
    assert (made.rules[1].name, made.notes) == ("b.exe", [])


def test_both_kinds_or_hashes_only_are_made_when_asked_for() -> None:
    assert [type(rule) for rule in make_rules(Inventory([code()]), Wanted(Choice.BOTH)).rules] == [
        PublisherRule,
        HashRule,
    ]
    assert [type(rule) for rule in make_rules(Inventory([code()]), Wanted(Choice.HASH)).rules] == [HashRule]


@pytest.mark.parametrize(
    ("identity", "signer", "why"),
    [
        (IDENTITY, None, "it carries no signature"),
        (IDENTITY, Signer(PUBLISHER, "it was changed after it was signed"), "it was changed after it was signed"),
        (IDENTITY, Signer(""), "its certificate names no organisation with a place or country"),
        (Identity("", "X.EXE", Version((1, 0, 0, 0))), SIGNER, "it states no product name"),
        (Identity("P", "", None), SIGNER, "it states no file name and no version"),
        (IDENTITY, SIGNER, ""),
    ],
)
def test_each_reason_against_a_publisher_rule_is_said(identity: Identity, signer: Signer | None, why: str) -> None:
    file = code(identity=identity, signer=signer)
    assert why_no_publisher(file) == why
    made = make_rules(Inventory([file]), Wanted())
    assert isinstance(made.rules[0], HashRule) == bool(why)
    assert made.notes == (
        [f"folder/a.exe: a hash rule instead of a publisher rule, because {why}"] if why and signer else []
    )


def test_a_signature_without_timestamp_is_remarked_once_for_all_files() -> None:
    signer = Signer(PUBLISHER, not_after=1_924_905_600)
    files = [code(f"{number}.exe", signer=signer) for number in range(5)]
    (note,) = make_rules(Inventory(files), Wanted()).notes
    assert note.startswith("folder/0.exe, folder/1.exe, folder/2.exe and 2 more: its signature has no timestamp")
    assert note.endswith("on 2030-12-31")


def test_files_that_one_rule_covers_share_it_with_the_lower_version() -> None:
    older = code("b.exe", identity=Identity("LYNC WEB APP", "LWAPLUGIN.EXE", Version((4, 9, 0, 0))))
    made = make_rules(Inventory([code(), older, code()]), Wanted())
    (rule,) = made.rules
    assert isinstance(rule, PublisherRule)
    assert str(rule.identity.version) == "4.9.0.0"


def test_libraries_and_scripts_are_left_out_unless_asked_for() -> None:
    found = Inventory(
        [code(), code("b.dll", Collection.DLL), code("c.ps1", Collection.SCRIPT), code("d.ps1", Collection.SCRIPT)]
    )
    made = make_rules(found, Wanted())
    assert [rule.collection for rule in made.rules] == [Collection.EXE]
    assert made.notes == [
        "1 library left out; --dll makes rules for it",
        "2 scripts left out; --scripts makes rules for them",
    ]
    every = make_rules(found, Wanted(Choice.HASH, libraries=True, scripts=True))
    assert [rule.collection.value for rule in every.rules] == ["Dll", "Exe", "Script", "Script"]


def test_nothing_to_name_is_an_error_that_says_what_was_met() -> None:
    with pytest.raises(PolicyError, match=r"a\.exe: is empty"):
        make_rules(Inventory(notes=["a.exe: is empty"]), Wanted())


def test_an_identifier_depends_on_condition_and_user_alone() -> None:
    first, again = (make_rules(Inventory([code(name)]), Wanted()).rules[0] for name in ("a.exe", "b.exe"))
    newer = make_rules(
        Inventory([code(identity=Identity("LYNC WEB APP", "LWAPLUGIN.EXE", Version((16, 0, 0, 0))))]), Wanted()
    ).rules[0]
    assert rule_id(first, "S-1-1-0") == rule_id(again, "S-1-1-0")
    assert len({rule_id(first, "S-1-1-0"), rule_id(first, "S-1-5-11"), rule_id(newer, "S-1-1-0")}) == 3


def test_an_installer_has_both_hashes_and_a_script_that_of_its_bytes() -> None:
    program, installer, script = (code(collection=one) for one in (Collection.EXE, Collection.MSI, Collection.SCRIPT))
    assert hashes_of(program) == (program.authenticode,)
    assert hashes_of(installer) == (installer.authenticode, installer.sha256)
    assert hashes_of(script) == (script.sha256,)


@pytest.mark.parametrize(
    ("text", "sid"),
    [("Everyone", "S-1-1-0"), (" users ", "S-1-5-32-545"), ("S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1104")],
)
def test_a_user_is_a_sid_or_a_group_that_every_machine_has(text: str, sid: str) -> None:
    assert read_user(text) == sid


@pytest.mark.parametrize("text", ["", "CONTOSO\\Sales", "S-1-5", "s-1-1-0\n<x>", "S-1-5-21-99999999999"])
def test_any_other_user_is_refused_with_the_way_to_its_sid(text: str) -> None:
    with pytest.raises(PolicyError, match="SecurityIdentifier"):
        read_user(text)
