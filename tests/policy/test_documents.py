"""The list of files and rules in words and as JSON."""

from __future__ import annotations

import json

from tests.support.programs import PUBLISHER
from wireproof.policy.documents import write_json, write_text
from wireproof.policy.model import Choice, CodeFile, Collection, Identity, Inventory, Signer, Version
from wireproof.policy.rules import RuleSet, Wanted, make_rules

EVERYONE = "S-1-1-0"


def rule_set() -> RuleSet:
    identity = Identity("PRODUCT", "A.EXE", Version((1, 2, 3, 4)))
    signed = CodeFile(
        "a.exe", "x.msi > a.exe", 7000, Collection.EXE, b"1" * 32, b"m" * 16, b"2" * 32, identity, Signer(PUBLISHER)
    )
    broken = CodeFile(
        "b\x1b[2J.exe",
        "b\x1b[2J.exe",
        9,
        Collection.EXE,
        b"3" * 32,
        b"m" * 16,
        b"4" * 32,
        signer=Signer(trouble="it was changed"),
    )
    return make_rules(Inventory([signed, broken], ["c.cab: packed with LZX"]), Wanted(Choice.BOTH))


def test_the_list_says_what_applocker_knows_of_each_file_and_how_to_import() -> None:
    text = write_text(rule_set(), EVERYONE)
    for words in (
        PUBLISHER,
        "7,000 bytes",
        "1.2.3.4",
        "32" * 32,
        "it was changed",
        "3 rules for S-1-1-0",
        "Set-AppLockerPolicy",
        "6d" * 16 + ":7000:32771",
    ):
        assert words in text


def test_no_name_reaches_the_terminal_with_control_characters() -> None:
    assert "\x1b" not in write_text(rule_set(), EVERYONE)


def test_json_holds_files_rules_and_notes() -> None:
    told = json.loads(write_json(rule_set(), EVERYONE))
    assert [file["publisher"] for file in told["files"]] == [PUBLISHER, None]
    assert told["files"][1]["no_publisher_rule"] == "it was changed"
    assert [rule.get("lowest_version") for rule in told["rules"]] == ["1.2.3.4", None, None]
    assert told["rules"][1]["hashes"] == ["32" * 32]
    assert told["notes"][0] == "c.cab: packed with LZX"
