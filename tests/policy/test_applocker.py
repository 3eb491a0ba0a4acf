"""AppLocker's XML: it keeps to Microsoft's schema, whatever names files have, and reads the same each time."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.programs import PUBLISHER
from wireproof.policy.applocker import clean, write_policy
from wireproof.policy.model import Choice, CodeFile, Collection, Identity, Inventory, Mode, Signer, Version
from wireproof.policy.rules import RuleSet, Wanted, make_rules

EVERYONE = "S-1-1-0"
PATTERNS = {
    "Id": r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
    "Name": r"(?s).{1,1024}",
    "Description": r"(?s).{0,1024}",
    "UserOrGroupSid": r"S-1(-[0-9a-fA-F]+)+",
    "Action": "Allow|Deny",
    "PublisherName": "(?s).+",
    "ProductName": "(?s).*",
    "BinaryName": "(?s).*",
    "LowSection": r"\*|([0-9]{1,5}\.){3}[0-9]{1,5}",
    "HighSection": r"\*|([0-9]{1,5}\.){3}[0-9]{1,5}",
    "Type": "Dll|Exe|Msi|Script|SHA256",
    "Data": "0x[0-9A-Fa-f]{64}",
    "SourceFileName": "(?s).*",
    "SourceFileLength": "[0-9]+",
    "EnforcementMode": "NotConfigured|Enabled|AuditOnly",
    "Version": "1",
}
"""What the schema of the AppLocker CSP allows for each attribute."""
RULE = ["Id", "Name", "Description", "UserOrGroupSid", "Action"]
ATTRIBUTES = {
    "AppLockerPolicy": ["Version"],
    "RuleCollection": ["Type", "EnforcementMode"],
    "FilePublisherRule": RULE,
    "FileHashRule": RULE,
    "Conditions": [],
    "FilePublisherCondition": ["PublisherName", "ProductName", "BinaryName"],
    "BinaryVersionRange": ["LowSection", "HighSection"],
    "FileHashCondition": [],
    "FileHash": ["Type", "Data", "SourceFileName", "SourceFileLength"],
}
CHILDREN = {
    "AppLockerPolicy": "(RuleCollection)+",
    "RuleCollection": "(FilePublisherRule|FileHashRule)+",
    "FilePublisherRule": "Conditions",
    "FileHashRule": "Conditions",
    "Conditions": "FilePublisherCondition|FileHashCondition",
    "FilePublisherCondition": "BinaryVersionRange",
    "FileHashCondition": "(FileHash)+",
}


def rule_set(name: str = "a.exe", product: str = "PRODUCT") -> RuleSet:
    identity = Identity(product, name.upper(), Version((15, 0, 4454, 65535)))
    files = [
        CodeFile(
            name, f"x.msi > {name}", 7, Collection.EXE, b"1" * 32, b"m" * 16, b"2" * 32, identity, Signer(PUBLISHER)
        ),
        CodeFile("x.msi", "x.msi", 9, Collection.MSI, b"3" * 32, b"m" * 16, b"4" * 32),
        CodeFile("s.ps1", "s.ps1", 9, Collection.SCRIPT, b"5" * 32, b"m" * 16),
    ]
    return make_rules(Inventory(files), Wanted(Choice.BOTH, scripts=True))


def check(text: str) -> ET.Element:
    """Parse a policy and hold it against the schema."""
    root = ET.fromstring(text)
    for element in root.iter():
        assert sorted(element.attrib) == sorted(ATTRIBUTES[element.tag])
        for name, value in element.attrib.items():
            assert re.fullmatch(PATTERNS[name], value), (name, value)
        assert re.fullmatch(CHILDREN.get(element.tag, ""), "".join(child.tag for child in element)), element.tag
    for path, attribute in (("RuleCollection", "Type"), ("RuleCollection/*", "Id")):
        values = [element.get(attribute) for element in root.findall(path)]
        assert len(values) == len(set(values))
    return root


@pytest.mark.parametrize(
    ("mode", "told"), [(Mode.AUDIT, "AuditOnly"), (Mode.ENFORCE, "Enabled"), (Mode.NOT_CONFIGURED, "NotConfigured")]
)
def test_a_policy_keeps_to_the_schema(mode: Mode, told: str) -> None:
    root = check(write_policy(rule_set(), EVERYONE, mode))
    assert [(one.get("Type"), one.get("EnforcementMode")) for one in root] == [
        ("Exe", told),
        ("Msi", told),
        ("Script", told),
    ]


def test_conditions_say_what_the_files_say() -> None:
    root = ET.fromstring(write_policy(rule_set(), EVERYONE, Mode.AUDIT))
    condition = root.find(".//FilePublisherCondition")
    assert condition is not None
    assert condition.attrib == {"PublisherName": PUBLISHER, "ProductName": "PRODUCT", "BinaryName": "A.EXE"}
    assert condition[0].attrib == {"LowSection": "15.0.4454.65535", "HighSection": "*"}
    hashes = [[one.get("Data") for one in rule] for rule in root.iter("FileHashCondition")]
    assert hashes == [["0x" + "32" * 32], ["0x" + "34" * 32, "0x" + "33" * 32], ["0x" + "35" * 32]]


def test_the_same_rules_make_the_same_text() -> None:
    assert write_policy(rule_set(), EVERYONE, Mode.AUDIT) == write_policy(rule_set(), EVERYONE, Mode.AUDIT)


@given(st.text(min_size=1, max_size=1500), st.text(min_size=1))
def test_no_name_breaks_the_policy(name: str, product: str) -> None:
    text = write_policy(rule_set(name, product), EVERYONE, Mode.AUDIT)
    assert text.isascii()
    root = check(text)
    condition = root.find(".//FilePublisherCondition")
    assert condition is not None
    assert condition.get("ProductName") == clean(product)
