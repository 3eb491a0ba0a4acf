"""From files to rules: a publisher rule where AppLocker could match one, a hash rule elsewhere or besides.

Takes an inventory and what the user chose; gives rules with identifiers that depend on nothing else, so that the same input gives the same policy,
and importing it twice adds nothing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from wireproof.policy.model import Choice, CodeFile, Collection, Identity, Inventory, PolicyError, Version

NAMESPACE = uuid.UUID("6f1d5f43-6c5b-5a0e-9f0b-0d1f6f7c2a51")
SID = re.compile(r"S-1-\d{1,15}(-\d{1,10}){1,15}", re.ASCII)
KNOWN_USERS = {
    "everyone": "S-1-1-0",
    "authenticated users": "S-1-5-11",
    "users": "S-1-5-32-545",
    "administrators": "S-1-5-32-544",
    "remote desktop users": "S-1-5-32-555",
}
LISTED = 3
NAME_MOST = 1024
"""Characters of a rule's name and description (AppLocker's schema)."""
ANY = "*"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user chose. `user` is a security identifier."""

    choice: Choice = Choice.PUBLISHER
    user: str = KNOWN_USERS["everyone"]
    libraries: bool = False
    scripts: bool = False

    def covers(self, collection: Collection) -> bool:
        """Whether rules of this collection are wanted."""
        return {Collection.DLL: self.libraries, Collection.SCRIPT: self.scripts}.get(collection, True)


@dataclass(frozen=True, slots=True)
class PublisherRule:
    """Files of this publisher, product and name, of `version` and later."""

    collection: Collection
    publisher: str
    identity: Identity
    origin: str

    @property
    def key(self) -> str:
        """What tells it from other rules; those of several versions become one."""
        return f"{self.collection}|publisher|{self.publisher}|{self.identity.product}|{self.identity.binary}"

    @property
    def name(self) -> str:
        """As AppLocker's wizard would name it."""
        version = f", version {self.identity.version} and later" if self.identity.version else ""
        return f"{self.identity.binary}{version}, in {self.identity.product}, from {self.publisher}"[:NAME_MOST]


@dataclass(frozen=True, slots=True)
class HashRule:
    """Exactly this file. Several hashes are hashes of the same file: any of them may be the one that Windows computes."""

    collection: Collection
    file: CodeFile
    hashes: tuple[bytes, ...]
    origin: str

    @property
    def key(self) -> str:
        """What tells it from other rules."""
        return "|".join((self.collection, "hash", *(one.hex() for one in self.hashes)))

    @property
    def name(self) -> str:
        """The file's name, as AppLocker's wizard names it."""
        return self.file.name[:NAME_MOST]


Rule = PublisherRule | HashRule


@dataclass(slots=True)
class RuleSet:
    """Rules in AppLocker's order of collections, the files behind them, and sentences on what has no rule or a lesser one."""

    rules: list[Rule] = field(default_factory=list)
    files: list[CodeFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, collection: Collection) -> list[Rule]:
        """The rules of one collection."""
        return [rule for rule in self.rules if rule.collection is collection]


def make_rules(inventory: Inventory, wanted: Wanted) -> RuleSet:
    """Every rule once. Raises PolicyError when there is nothing to make a rule of."""
    made = RuleSet(notes=list(inventory.notes))
    made.files = [file for file in inventory.files if wanted.covers(file.collection)]
    rules: dict[str, Rule] = {}
    remarks: dict[str, list[str]] = {}
    for file in made.files:
        for rule in _rules_of(file, wanted.choice):
            known = rules.get(rule.key)
            rules[rule.key] = _merge(known, rule) if known else rule
        remark = _remark(file, wanted.choice)
        if remark:
            remarks.setdefault(remark, []).append(file.path)
    order = list(Collection)
    made.rules = sorted(rules.values(), key=lambda rule: order.index(rule.collection))
    made.notes += [f"{_listed(paths)}: {remark}" for remark, paths in remarks.items()] + _left_out(inventory, wanted)
    if not made.rules:
        raise PolicyError("\n  ".join(["no file is left that a rule could name", *made.notes]))
    return made


def rule_id(rule: Rule, user: str) -> str:
    """The rule's identifier: the same for the same condition and user."""
    version = rule.identity.version if isinstance(rule, PublisherRule) else ""
    return str(uuid.uuid5(NAMESPACE, f"{rule.key}|{version}|{user}"))


def read_user(text: str) -> str:
    """A security identifier, or one of the groups that every machine has. Raises PolicyError for anything else."""
    known = KNOWN_USERS.get(text.strip().lower())
    if known or SID.fullmatch(text.strip()):
        return known or text.strip()
    raise PolicyError(
        f"--user takes a security identifier or one of {', '.join(KNOWN_USERS)}, not {text!r}; in PowerShell "
        "`([System.Security.Principal.NTAccount]'DOMAIN\\GROUP').Translate([System.Security.Principal.SecurityIdentifier]).Value` gives that of a group"
    )


def hashes_of(file: CodeFile) -> tuple[bytes, ...]:
    """The SHA-256 that AppLocker may compute of a file.

    Of programs and libraries that is the Authenticode hash, of scripts that of all bytes. Of installers Microsoft names the Authenticode hash, while what
    Windows gives for their kind of file is the hash of all bytes: a rule may hold both.
    """
    if file.authenticode is None:
        return (file.sha256,)
    return (file.authenticode, file.sha256) if file.collection is Collection.MSI else (file.authenticode,)


def why_no_publisher(file: CodeFile) -> str:
    """What stands against a publisher rule; empty when nothing does."""
    if file.signer is None:
        return "it carries no signature"
    if file.signer.trouble:
        return file.signer.trouble
    if not file.signer.publisher:
        return "its certificate names no organisation with a place or country"
    lacking = [word for word, value in (
        ("product name", file.identity.product), ("file name", file.identity.binary), ("version", file.identity.version),
    ) if not value]  # fmt: skip
    return f"it states no {' and no '.join(lacking)}" if lacking else ""


def _rules_of(file: CodeFile, choice: Choice) -> Iterator[Rule]:
    objection = "" if choice is Choice.HASH else why_no_publisher(file)
    if choice is not Choice.HASH and not objection and file.signer is not None:
        yield PublisherRule(file.collection, file.signer.publisher, file.identity, file.path)
    if choice is not Choice.PUBLISHER or objection:
        yield HashRule(file.collection, file, hashes_of(file), file.path)


def _remark(file: CodeFile, choice: Choice) -> str:
    """What a reader should know of the rule of a signed file; empty when there is nothing."""
    if choice is Choice.HASH or file.signer is None:
        return ""
    objection = why_no_publisher(file)
    if objection:
        return f"a hash rule instead of a publisher rule, because {objection}"
    if file.signer.has_timestamp:
        return ""
    end = f" on {datetime.fromtimestamp(file.signer.not_after, UTC):%Y-%m-%d}" if file.signer.not_after else ""
    return f"its signature has no timestamp, so its publisher rule ends with the certificate{end}"


def _listed(paths: list[str]) -> str:
    """The first few of many."""
    rest = len(paths) - LISTED
    return ", ".join(paths[:LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _merge(first: Rule, second: Rule) -> Rule:
    """One rule for both: of publisher rules the lower version counts."""
    if isinstance(first, PublisherRule) and isinstance(second, PublisherRule):
        versions = [one.identity.version or Version((0, 0, 0, 0)) for one in (first, second)]
        lower = min(versions, key=lambda version: version.numbers)
        return replace(first, identity=replace(first.identity, version=lower))
    return first


def _left_out(inventory: Inventory, wanted: Wanted) -> list[str]:
    """How many files have no rule because their collection was not asked for."""
    options = {Collection.DLL: "--dll", Collection.SCRIPT: "--scripts"}
    words = {Collection.DLL: ("library", "libraries"), Collection.SCRIPT: ("script", "scripts")}
    found = []
    for collection, option in options.items():
        count = sum(file.collection is collection for file in inventory.files)
        if count and not wanted.covers(collection):
            found.append(
                f"{count} {words[collection][count > 1]} left out; {option} makes rules for {'them' if count > 1 else 'it'}"
            )
    return found
