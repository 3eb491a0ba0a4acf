"""The files and their rules for a reader: a list in words, and the same as JSON.

Takes files and rules; gives text.
"""

from __future__ import annotations

import json
from typing import Any

from wireproof.policy.applocker import clean
from wireproof.policy.model import CodeFile
from wireproof.policy.restriction import pasted_hash
from wireproof.policy.rules import HashRule, PublisherRule, RuleSet, rule_id, why_no_publisher


def write_text(made: RuleSet, user: str) -> str:
    """Every file with what AppLocker knows of it, then the rules, then how to import them."""
    lines = [line for file in made.files for line in [*_file_lines(file), ""]]
    lines.append(f"{len(made.rules)} rules for {user}")
    lines += [f"  {rule.collection:6}  {_condition(rule)}" for rule in made.rules]
    return clean_lines([*lines, "", *IMPORTING])


def write_json(made: RuleSet, user: str) -> str:
    """Files, rules and notes as one object."""
    told = {
        "files": [_file_object(file) for file in made.files],
        "rules": [_rule_object(rule, user) for rule in made.rules],
        "notes": made.notes,
    }
    return json.dumps(told, indent=2) + "\n"


def clean_lines(lines: list[str]) -> str:
    """The lines as one text, without characters that would move a terminal's cursor."""
    return "".join(f"{clean(line)}\n" for line in lines)


IMPORTING = (
    "Import the XML into the local policy, keeping the rules and modes that are there, at an elevated PowerShell prompt:",
    "  Set-AppLockerPolicy -XmlPolicy POLICY.xml -Merge",
    'or into a group policy: add  -Ldap "LDAP://DC/CN={GUID},CN=Policies,CN=System,DC=…".  secpol.msc and gpedit replace the whole policy instead.',
    "AppLocker works while the service Application Identity (AppIDSvc) runs.",
)


def _file_lines(file: CodeFile) -> list[str]:
    identity = file.identity
    signer = file.signer
    signed = "no signature" if signer is None else signer.trouble or signer.publisher or "signed"
    rows = [
        ("collection", file.collection.value),
        ("size", f"{file.size:,} bytes"),
        ("signed by", signed),
        ("product", identity.product),
        ("file name", identity.binary),
        ("version", str(identity.version or "")),
        ("Authenticode SHA-256", file.authenticode.hex() if file.authenticode else ""),
        ("SHA-256 of all bytes", file.sha256.hex()),
        ("MD5:size:algorithm", pasted_hash(file)),
    ]
    return [file.path, *(f"  {word:20}  {value}" for word, value in rows if value)]


def _condition(rule: PublisherRule | HashRule) -> str:
    return f"publisher  {rule.name}" if isinstance(rule, PublisherRule) else f"hash       {rule.name}"


def _file_object(file: CodeFile) -> dict[str, Any]:
    signer = file.signer
    return {
        "path": file.path,
        "name": file.name,
        "size": file.size,
        "collection": file.collection.value,
        "authenticode_sha256": file.authenticode.hex() if file.authenticode else None,
        "sha256": file.sha256.hex(),
        "md5": file.md5.hex(),
        "product": file.identity.product,
        "binary": file.identity.binary,
        "version": str(file.identity.version) if file.identity.version else None,
        "publisher": signer.publisher if signer and not signer.trouble else None,
        "no_publisher_rule": why_no_publisher(file) or None,
    }


def _rule_object(rule: PublisherRule | HashRule, user: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": rule_id(rule, user),
        "collection": rule.collection.value,
        "name": rule.name,
        "user": user,
    }
    if isinstance(rule, PublisherRule):
        lowest = str(rule.identity.version) if rule.identity.version else None
        told |= {
            "publisher": rule.publisher,
            "product": rule.identity.product,
            "binary": rule.identity.binary,
            "lowest_version": lowest,
        }
    else:
        told |= {"hashes": [one.hex() for one in rule.hashes], "file": rule.file.path}
    return told
