"""What a failure response says by itself, wherever it was seen: its status, the time it took, and what its diagnostics name.

Holds the parts that captured and logged responses share. Judges nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.rules.evidence import log_line
from wireproof.wire.sip import parameters, reason_of

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Evidence, Talk
    from wireproof.logs.sip_log import Trouble
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.sip_logged import LoggedSip
    from wireproof.rules.sip_log_clock import Shift

SHOWN = 4


@dataclass(frozen=True, slots=True)
class Told:
    """What one log says of a response: its line there, that of its request (0 without), and the failures between them."""

    logged: LoggedSip
    message: SipMessage
    troubles: tuple[Trouble, ...] = ()

    def evidence(self) -> list[Evidence]:
        """Its lines."""
        rows = [log_line(self.logged.log, trouble.line, trouble_words(trouble)) for trouble in self.troubles[:SHOWN]]
        status = f"{self.message.status} {self.message.reason}".strip()
        rows.append(log_line(self.logged.log, self.message.row, status))
        if self.message.request_row >= 0:
            rows.append(log_line(self.logged.log, self.message.request_row, f"the {self.message.method}"))
        return rows


@dataclass(frozen=True)
class Answer(ABC):
    """One failure response. `settled` tells that the same user's same kind of request succeeded later; `told` is what logs say of it."""

    message: SipMessage
    settled: bool
    told: tuple[Told, ...] = ()

    @property
    @abstractmethod
    def source(self) -> Point | LoggedSip:
        """Where it was seen."""

    @property
    @abstractmethod
    def responder(self) -> str:
        """`address:port` of the sender, or its name."""

    @property
    @abstractmethod
    def responder_address(self) -> str:
        """Address or name of the sender."""

    @property
    @abstractmethod
    def asker(self) -> str:
        """`address:port` of whom it was sent to, or its name."""

    @property
    @abstractmethod
    def label(self) -> Talk:
        """The conversation that carried it."""

    @property
    @abstractmethod
    def conversations(self) -> list[tuple[str, int]]:
        """(capture name, conversation) that carried it, as far as captures show them."""

    @abstractmethod
    def evidence(self, case: Case) -> list[Evidence]:
        """The response and its request."""

    @abstractmethod
    def filters(self, more: str) -> dict[str, str]:
        """Wireshark display filters that show it in the captures, `more` being the part on SIP."""

    @abstractmethod
    def shift(self, case: Case, point: Point) -> Shift:
        """What to add to its times to have those of a point."""

    @property
    @abstractmethod
    def asked_ns(self) -> int:
        """When its request was seen, in the clock of where it was seen; the response's own time where the request is lacking."""

    @property
    def status(self) -> str:
        """`504 Server time-out`."""
        return f"{self.message.status} {self.message.reason}".strip()

    @property
    def wait_s(self) -> float:
        """Seconds since the request, -1 where the request is lacking."""
        return self.message.wait_ns / 1e9 if self.message.request_row >= 0 else -1.0

    @property
    def troubles(self) -> list[Trouble]:
        """The failures that logs tell of it."""
        return [trouble for told in self.told for trouble in told.troubles]

    @property
    def named(self) -> dict[str, str]:
        """Parameters of its ms-diagnostics by lower-case name, such as `fqdn`, `ip-address`, `winsock-code`, `reason`; else those of logs."""
        found: dict[str, str] = {}
        for value in self.message.diagnostics:
            found.update(parameters(";" + value.partition(";")[2]))
        for trouble in self.troubles:
            for name, value in _named(trouble).items():
                found.setdefault(name, value)
        return found

    @property
    def code(self) -> str:
        """Number of its ms-diagnostics, else what the log's result code says; "" without."""
        if self.message.diagnostics:
            return self.message.diagnostics[0].partition(";")[0].strip()[:16]
        return next((trouble.code_name or f"0x{trouble.code:08x}" for trouble in self.troubles if trouble.code), "")

    @property
    def explained(self) -> str:
        """Its diagnostics as a clause, then what the log says; "" without."""
        text = ""
        if self.message.diagnostics:
            text = f" Its diagnostics: {reason_of(self.message.diagnostics[0])}{_target(self.named)}."
        said = next((trouble for trouble in self.troubles if trouble.code), None)
        return text + (f" The server's own log says: {trouble_words(said)}." if said else "")


def _target(named: dict[str, str]) -> str:
    parts = [named[name] for name in ("fqdn", "ip-address", "domain", "peer") if named.get(name)]
    winsock = f", Winsock error {named['winsock-code']}" if named.get("winsock-code") else ""
    return (f", about {parts[0]}" if parts else "") + winsock


def _named(trouble: Trouble) -> dict[str, str]:
    """What a log's failure names, in the words of ms-diagnostics."""
    address, port = split_end(trouble.peer_ip)
    named = {**trouble.named, "fqdn": trouble.peer_fqdn, "ip-address": address, "port": port}
    named |= {"winsock-code": trouble.winsock, "peer": trouble.peer}
    return {name: value for name, value in named.items() if value}


def trouble_words(trouble: Trouble) -> str:
    """A failure in a few words."""
    peer = " ".join(
        part for part in (trouble.peer_ip or trouble.peer, f"({trouble.peer_fqdn})" * bool(trouble.peer_fqdn)) if part
    )
    code = f"0x{trouble.code:08x} {trouble.code_name}".strip() if trouble.code else ""
    return ", ".join(part for part in (trouble.text.rstrip(".")[:160] or trouble.kind, peer, code) if part)


def split_end(end: str) -> tuple[str, str]:
    """Address (or name) and port of `address:port`; the port is "" where there is none."""
    if end.startswith("["):
        address, _, rest = end[1:].partition("]")
        return address, rest.lstrip(":")
    address, colon, port = end.rpartition(":")
    return (address, port) if colon and port.isdigit() else (end, "")
