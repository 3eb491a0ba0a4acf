"""One thing that a client tried with a service, and what came of it, in words that stay the same from one capture to the next.

Takes nothing; gives the form in which two captures are compared. Ports of clients, sequence numbers, identifiers and times of day
have no place in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[a-f]*[0-9])[0-9a-f]{10,}|[0-9]{4,}",
    re.IGNORECASE,
)
"""UUIDs, long hexadecimal numbers, and numbers of four digits and more: another in every run."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{24,}={0,2}")
"""So long a word without a dot is no name that somebody chose."""
NUMBER = re.compile(r"(?<=/)[0-9]+(?=/|$)")
"""A part of a path that only counts."""
LONGEST = 80


@dataclass(frozen=True, slots=True, order=True)
class Service:
    """What a client talks to: transport (`tcp`, `udp`, `icmp`, `dns` for name lookups, or the name of a process), the server's
    name (or address where no name is known), its port (0: none, or another each time), and the protocol ("" unknown).
    """

    transport: str
    name: str = ""
    port: int = 0
    protocol: str = ""
    named: bool = False
    """Whether `name` is a name, which other captures may share, and no address."""
    address: str = field(default="", compare=False)
    """Where it was first found."""

    @property
    def title(self) -> str:
        """`dc1.corp.example:389 (ldap)`."""
        if self.transport not in {"tcp", "udp", "icmp"}:
            return self.name
        port = f":{self.port}" if self.port else ""
        name = f"[{self.name}]" if ":" in self.name and port else self.name
        dynamic = ", dynamic port" if self.protocol == "rpc" and not self.port else ""
        words = " ".join(
            word for word in (self.transport if self.transport != "tcp" else "", self.protocol + dynamic) if word
        )
        return f"{name}{port}" + (f" ({words})" if words else "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer told that the client goes by from then on, such as a certificate, or the address of a service.

    `value` is what captures are compared by, `words` say it with the addresses of this capture. `good` tells whether the client
    went on with it; False where it did not, None where that can't be told. `row` is the packet that holds it, -1 for the one that
    shows what came of the exchange.
    """

    name: str
    value: str
    words: str
    good: bool | None = None
    row: int = -1


@dataclass(frozen=True, slots=True)
class Exchange:
    """One try of `action` with a service.

    `good` tells whether it did what was asked; None where it neither did nor failed, or where the capture ends too early to
    say. `row` is its first packet, `answer_row` the one that shows what came of it (-1 for none), `wait_s` how long the answer
    took, `details` what was agreed on, as (name, value), `answers` what the client learned.
    """

    service: Service
    action: str
    outcome: str
    good: bool | None
    row: int
    conversation: int = -1
    wait_s: float | None = None
    details: tuple[tuple[str, str], ...] = ()
    answer_row: int = -1
    answers: tuple[Answer, ...] = ()

    @property
    def telling_row(self) -> int:
        """The packet to look at first."""
        return self.answer_row if self.answer_row >= 0 else self.row


def plain(text: str) -> str:
    """A name, path or the like with `#` for what is random in it, and not too long."""
    text = TOKEN.sub(_hide_random, RANDOM.sub("#", text))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _hide_random(match: re.Match[str]) -> str:
    """A long word is random when it holds digits and letters of both cases, or digits in several places."""
    word = match.group()
    mixed = (
        any(letter.isdigit() for letter in word)
        and any(letter.isupper() for letter in word)
        and any(letter.islower() for letter in word)
    )
    return "#" if mixed else word


def plain_target(target: str) -> str:
    """An HTTP request's target without its query, and with `#` for numbers between slashes and for what is random."""
    return plain(NUMBER.sub("#", target.partition("?")[0]))
