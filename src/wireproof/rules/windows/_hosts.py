"""Whose an event is: the computer that a log names, beside the names that other sources of a case have for an address.

Takes a case, a computer's name and an address; gives what is known of both being one host. Judges nothing.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.logs import Log

ANSWERS = limit(
    "windows-hosts.answers", 20_000, "names of the hosts of one incident are among the first answers of its resolvers"
)
NETBIOS = 15
"""Longer names are cut to this where NetBIOS gives them."""
REVERSE = ".in-addr.arpa"


class Whose(Enum):
    """Whether a computer has an address."""

    SAME = "the same host"
    OTHER = "another host"
    CALLED = "the address has another name of the same domain, which may be an alias"
    UNKNOWN = "nothing tells"


@dataclass(frozen=True, slots=True)
class Bond:
    """What is known of a computer and an address, and in words what does not fit or is not known; "" where they are one host."""

    whose: Whose
    words: str = ""


@dataclass(slots=True)
class _Names:
    """Names in lower case by address: of the hosts themselves, by outputs of their own or reverse lookups, and of services on them."""

    own: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    called: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def addresses_of(self, name: str) -> dict[str, str]:
        """Where a name is known to be, with the source."""
        return {
            address: next(source for other, source in named.items() if is_same_name(name, other))
            for table in (self.called, self.own)
            for address, named in table.items()
            if any(is_same_name(name, other) for other in named)
        }


_NAMES: weakref.WeakKeyDictionary[Case, _Names] = weakref.WeakKeyDictionary()


def is_same_name(one: str, other: str) -> bool:
    """Whether two names may be of one host: the domain counts where both have one."""
    left, _, first = one.lower().rstrip(".").partition(".")
    right, _, second = other.lower().rstrip(".").partition(".")
    cut = NETBIOS in (len(left), len(right)) and left[:NETBIOS] == right[:NETBIOS]
    return bool(left) and (left == right or cut) and (not first or not second or first == second)


def bond(case: Case, log: Log, computer: str, address: str) -> Bond:
    """What is known of the computer that an event names, or of its log where it names none, and an address."""
    beside = addresses_beside(case, log)
    if not computer and beside:
        return Bond(Whose.SAME if address in beside else Whose.OTHER)
    if not computer:
        return Bond(Whose.UNKNOWN, f"that the log is of {address} is not shown")
    names = _names(case)
    mine = names.own.get(address, {})
    if any(is_same_name(computer, name) for name in (*mine, *names.called.get(address, {}))):
        return Bond(Whose.SAME)
    elsewhere = names.addresses_of(computer)
    if mine:
        name, source = next(iter(mine.items()))
        return Bond(Whose.OTHER, f"the log is of {computer}, and {address} is {name} ({source})")
    if elsewhere:
        at, source = next(iter(elsewhere.items()))
        return Bond(Whose.OTHER, f"the log is of {computer}, which is {at} ({source})")
    return Bond(Whose.SAME) if address in beside else _by_alias(names, computer, address)


def _by_alias(names: _Names, computer: str, address: str) -> Bond:
    """By names that may be aliases: one in the computer's own domain may as well be the name of another computer."""
    domain = computer.lower().rstrip(".").partition(".")[2]
    for name, source in names.called.get(address, {}).items():
        if domain and name.partition(".")[2] == domain:
            return Bond(Whose.CALLED, f"the log is of {computer}, and {address} is called {name} ({source})")
    return Bond(Whose.UNKNOWN, f"the log is of {computer}; that this is {address} is not shown")


def addresses_beside(case: Case, log: Log) -> set[str]:
    """Addresses of the host of a log that names none: those of other outputs in the same text, or of the same stated point."""
    from wireproof.logs.ip_state import IpStateLog
    from wireproof.logs.netstat import NetstatLog
    from wireproof.logs.systeminfo import SystemInfoLog

    others: list[IpStateLog | NetstatLog | SystemInfoLog] = [
        *case.logs_of(IpStateLog),
        *case.logs_of(NetstatLog),
        *case.logs_of(SystemInfoLog),
    ]
    near = [other for other in others if other.file == log.file or (log.point and other.point == log.point)]
    return {address for other in near for address in other.addresses()}


def _names(case: Case) -> _Names:
    if case not in _NAMES:
        names = _NAMES[case] = _Names()
        if case.logs:
            _take_outputs(case, names)
        for point in case.points:
            _take_answers(point, names)
            _take_certificates(point, names)
    return _NAMES[case]


def _take_outputs(case: Case, names: _Names) -> None:
    from wireproof.logs.ip_state import IpStateLog
    from wireproof.logs.systeminfo import SystemInfoLog

    told: list[IpStateLog | SystemInfoLog] = [*case.logs_of(IpStateLog), *case.logs_of(SystemInfoLog)]
    for log in told:
        for address in log.addresses() if log.host else ():
            names.own[address].setdefault(log.host.lower(), log.file.replace("\\", "/").rpartition("/")[2])


def _take_answers(point: Point, names: _Names) -> None:
    for message, _ in zip(point.said.dns if len(point.dns) else (), range(int(ANSWERS.value)), strict=False):
        source, name = f"DNS in {point.name}", message.name.lower().rstrip(".")
        if message.response and name.endswith(REVERSE):
            address = ".".join(reversed(name.removesuffix(REVERSE).split(".")))
            names.own[address] |= {_target(one): source for one in message.records if _target(one)}
        elif message.response and name:
            for address in message.addresses:
                names.called[address] |= {each.lower().rstrip("."): source for each in (name, *message.aliases)}


def _target(record: str) -> str:
    """The name that a PTR record, as text, leads to."""
    words = record.lower().split()
    return words[-1].rstrip(".") if "ptr" in words else ""


def _take_certificates(point: Point, names: _Names) -> None:
    if not point.said.protocols.has_streams("tls"):
        return
    for session in point.said.tls_sessions.values():
        if session.certificates:
            address = point.talk(session.conversation).address(1 - session.client_side)
            for name in session.certificates[0].named:
                if "*" not in name:
                    names.called[address].setdefault(name.lower().rstrip("."), f"its certificate in {point.name}")
