"""AppLocker's policy as XML, as `Set-AppLockerPolicy` and secpol.msc import it.

Takes rules; gives text. The form is that of Microsoft's schema for the AppLocker CSP and of policies that Windows exports. The text is ASCII, other
characters stand as references, so that no program on the way can change them.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from wireproof.policy.model import Collection, Mode
from wireproof.policy.rules import ANY, NAME_MOST, HashRule, PublisherRule, Rule, RuleSet, rule_id

ENFORCEMENT = {Mode.AUDIT: "AuditOnly", Mode.ENFORCE: "Enabled", Mode.NOT_CONFIGURED: "NotConfigured"}


def write_policy(made: RuleSet, user: str, mode: Mode) -> str:
    """A policy with one collection for each kind of rule there is."""
    policy = ET.Element("AppLockerPolicy", Version="1")
    for collection in Collection:
        rules = made.of(collection)
        if rules:
            parent = ET.SubElement(policy, "RuleCollection", Type=collection.value, EnforcementMode=ENFORCEMENT[mode])
            for rule in rules:
                _add_rule(parent, rule, user)
    ET.indent(policy)
    made_of: bytes = ET.tostring(policy, encoding="us-ascii", xml_declaration=False)
    return made_of.decode("ascii") + "\n"


def _add_rule(parent: ET.Element, rule: Rule, user: str) -> None:
    kind = "FilePublisherRule" if isinstance(rule, PublisherRule) else "FileHashRule"
    shared = {
        "Id": rule_id(rule, user),
        "Name": clean(rule.name),
        "Description": clean(f"From {rule.origin}")[:NAME_MOST],
        "UserOrGroupSid": user,
        "Action": "Allow",
    }
    conditions = ET.SubElement(ET.SubElement(parent, kind, shared), "Conditions")
    if isinstance(rule, PublisherRule):
        _add_publisher(conditions, rule)
    else:
        _add_hashes(conditions, rule)


def _add_publisher(conditions: ET.Element, rule: PublisherRule) -> None:
    condition = ET.SubElement(
        conditions,
        "FilePublisherCondition",
        PublisherName=clean(rule.publisher),
        ProductName=clean(rule.identity.product),
        BinaryName=clean(rule.identity.binary),
    )
    ET.SubElement(condition, "BinaryVersionRange", LowSection=str(rule.identity.version or ANY), HighSection=ANY)


def _add_hashes(conditions: ET.Element, rule: HashRule) -> None:
    condition = ET.SubElement(conditions, "FileHashCondition")
    for one in rule.hashes:
        ET.SubElement(
            condition,
            "FileHash",
            Type="SHA256",
            Data=f"0x{one.hex().upper()}",
            SourceFileName=clean(rule.file.name),
            SourceFileLength=str(rule.file.size),
        )


def clean(text: str) -> str:
    """The text without what XML can't hold, or what would break a line."""
    return "".join(letter if _may_stand(letter) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _may_stand(letter: str) -> bool:
    return (
        letter >= " "
        and not "\x7f" <= letter <= "\x9f"
        and not "\ud800" <= letter <= "\udfff"
        and letter not in "\ufffe\uffff"
    )
