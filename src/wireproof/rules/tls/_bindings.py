"""Which certificate HTTP.sys was set to serve where: the bindings of `netsh http show sslcert`, with what `certutil -store` says of them.

Takes the case's logs and a handshake; gives what is bound where, as sentences, evidence and fixes for the rules of this family.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.rules.evidence import joined, log_line
from wireproof.rules.tls._names import are_for

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Evidence
    from wireproof.logs.certutil import CertutilLog, StoredCertificate
    from wireproof.logs.sslcert import Binding, SslcertLog
    from wireproof.rules.tls._handshakes import Handshake

MOST = 50
"""Bindings of one port that are looked at; a server with more has one a host name."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """One binding, and its certificate where a listed store has it."""

    log: SslcertLog
    binding: Binding
    store: CertutilLog | None = None
    certificate: StoredCertificate | None = None
    given: tuple[str, ...] = ()
    """Names of the same certificate where its file was given."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its certificate, as far as anything at hand tells them."""
        return self.certificate.named if self.certificate and self.certificate.named else self.given

    @property
    def title(self) -> str:
        """How to speak of its certificate in a sentence."""
        if not self.binding.hash:
            return "one of the central certificate store"
        return f"{joined(self.names, 3) or 'a certificate'}, {self.described}"

    @property
    def described(self) -> str:
        """Issuer and thumbprint of its certificate, as far as they are known."""
        issued = f"issued by {self.certificate.issuer}, " if self.certificate and self.certificate.issuer else ""
        return f"{issued}thumbprint {self.binding.hash}"

    def rows(self) -> list[Evidence]:
        """The lines that show it."""
        own = log_line(self.log, self.binding.line, f"{self.binding.end} is bound to {self.title}")
        if not self.store or not self.certificate:
            return [own]
        return [
            own,
            log_line(
                self.store,
                self.certificate.hash_line,
                f"{self.binding.hash} is for {joined(self.names, 3) or self.certificate.title}",
            ),
        ]


@dataclass(frozen=True, slots=True)
class Served:
    """What the bindings at hand say of one handshake.

    `right` are bindings of certificates for the wanted name; `chosen` is the one that HTTP.sys takes for this address and name; `actual`
    are those whose certificate was served. `addresses` are the server's, one a point.
    """

    handshake: Handshake
    wanted: str
    addresses: tuple[str, ...]
    port: int
    all: tuple[Bound, ...]
    right: tuple[Bound, ...]
    chosen: Bound | None
    actual: tuple[Bound, ...]
    own: frozenset[str] = frozenset()
    """Addresses of the host that printed the bindings, where the same text tells them."""

    @property
    def elsewhere(self) -> tuple[Bound, ...]:
        """Bindings of the right certificate to single other addresses, where none for it would be taken at the one connected to."""
        if self.chosen in self.right:
            return ()
        return tuple(
            one
            for one in self.right
            if not one.binding.by_name and not one.binding.is_any and one.binding.host not in self.addresses
        )


def bound(case: Case) -> list[Bound]:
    """Every binding in the case's logs, with its certificate."""
    if not case.logs:
        return []
    from wireproof.logs.certutil import CertutilLog
    from wireproof.logs.sslcert import SslcertLog

    nowhere: tuple[CertutilLog | None, StoredCertificate | None] = (None, None)
    stored = {one.hash: (log, one) for log in case.logs_of(CertutilLog) for one in log.certificates if one.hash}
    given = {one.certificate.thumbprint: one.certificate.named for one in case.certificates}
    return [
        Bound(log, binding, *stored.get(binding.hash, nowhere), given=given.get(binding.hash, ()))
        for log in case.logs_of(SslcertLog)
        for binding in log.bindings
    ]


def served(case: Case, handshake: Handshake, wanted: str) -> Served | None:
    """What is bound to the port of a handshake's server; None where no output tells."""
    port = int(handshake.talk.facts["sides"][1 - handshake.session.client_side]["port"])
    found = [one for one in bound(case) if one.binding.port == port][:MOST]
    if not found:
        return None
    from wireproof.logs.sslcert import binding_for

    others = (end[1] for _, end in handshake.label(case).seen_as)
    addresses = tuple(
        dict.fromkeys([handshake.server_address, *(end.rpartition(":")[0].strip("[]") for end in others)])
    )
    sent = handshake.session.server_name
    choices = [binding_for((one.binding for one in found), address, port, sent) for address in addresses]
    choice = next((one for one in choices if one and not one.is_any), next((one for one in choices if one), None))
    leaf = handshake.leaf
    return Served(
        handshake, wanted, addresses, port, tuple(found),
        tuple(one for one in found if one.names and are_for(one.names, wanted)),
        next((one for one in found if one.binding is choice), None),
        tuple(one for one in found if leaf and one.binding.hash == leaf.thumbprint), _own_addresses(case, found),
    )  # fmt: skip


def _own_addresses(case: Case, found: list[Bound]) -> frozenset[str]:
    """Addresses of the hosts that printed these bindings; none unless every one of their texts tells them."""
    from wireproof.logs.ip_state import IpStateLog

    told = {log.file: log.addresses() for log in case.logs_of(IpStateLog)}
    files = {one.log.file for one in found}
    return frozenset(address for file in files for address in told[file]) if files <= told.keys() else frozenset()


def served_text(found: Served) -> str:
    """What is bound where and which of it was served, as sentences that end a summary."""
    at, wanted = found.handshake.server, found.wanted
    if found.elsewhere:
        first = found.elsewhere[0]
        ends = joined(one.binding.end for one in found.elsewhere)
        told = f"The certificate for {wanted} ({first.described}) is bound to {ends}, and {wanted} leads to {found.handshake.server_address}."
    elif found.right:
        told = _right_here(found, found.chosen if found.chosen in found.right else found.right[0])
    elif any(one.names for one in found.all):
        told = f"No binding on port {found.port} in the output at hand has a certificate for {wanted}."
    else:
        listed = joined((f"{one.binding.hash or 'the central store'} to {one.binding.end}" for one in found.all), 4)
        told = f"On port {found.port} the output at hand binds {listed}; whose names these certificates have, `certutil -store -v my` tells."
    return f"{told} {_actual_text(found, at)}"


def _right_here(found: Served, right: Bound | None) -> str:
    assert right
    sent = found.handshake.session.server_name
    if right.binding.by_name and not sent:
        return f"The certificate for {found.wanted} is bound to the name {right.binding.end}, which counts only for clients that send SNI; this one sent none."
    if right.binding.by_name and found.chosen and found.chosen is not right:
        return (
            f"The certificate for {found.wanted} is bound to the name {right.binding.end}, but a binding of the address itself, {found.chosen.binding.end}, "
            "goes before names."
        )
    if found.chosen and found.chosen is not right:
        return f"The certificate for {found.wanted} is bound to {right.binding.end}, but {found.chosen.binding.end} is nearer and goes before it."
    return f"The output at hand binds the certificate for {found.wanted} to {right.binding.end}, and another one was served."


def _actual_text(found: Served, at: str) -> str:
    if found.actual:
        return f"The one served is that of the binding {joined(one.binding.end for one in found.actual)}."
    if found.chosen and found.chosen in found.right:
        return f"So something else answers at {at} (a load balancer, a proxy, another host), or the bindings were changed between the capture and the output."
    if found.chosen:
        return (
            f"For {at} the output has {found.chosen.binding.end}, of {found.chosen.title}; it is not what was served, so another host or a later change "
            "comes in."
        )
    if not found.own:
        return f"No binding there has the one that {at} served: another host answers at that address, or the list is not complete."
    if found.own.isdisjoint(found.addresses):
        return f"No binding there has the one that {at} served, and the host of that output has other addresses: another host, or a translation, answers."
    return f"The host of that output has this address and no binding with what {at} served: a program that does not use HTTP.sys answers there."


def served_rows(found: Served) -> list[Evidence]:
    """The lines of the outputs that show it."""
    chosen = [found.chosen] if found.chosen else []
    shown = {id(one): one for one in (*found.right[:2], *found.actual[:2], *chosen)} or {0: found.all[0]}
    return [row for one in shown.values() for row in one.rows()]


def served_facts(found: Served) -> dict[str, Any]:
    """Bindings as facts."""
    return {
        "bound_right": [one.binding.end for one in found.right],
        "bound_served": [one.binding.end for one in found.actual],
        "bound_thumbprints": sorted({one.binding.hash for one in found.all if one.binding.hash}),
    }


def served_fixes(found: Served) -> list[str]:
    """What to bind, or which record to change; nothing where no binding has the right certificate."""
    if not found.right:
        return []
    right = (found.elsewhere or found.right)[0]
    problem = _problem(found, right)
    ready = [problem] if problem else []
    address, wanted = found.handshake.server_address, found.wanted
    kind = "AAAA" if ":" in address else "A"
    bind = _bind(found, right)
    if found.elsewhere:
        ends = joined(one.binding.host for one in found.elsewhere)
        return [
            *ready,
            (
                f"Either correct the translation of {address} on the firewall, so that it leads to {ends}; or the {kind} record of {wanted}, if another "
                "address leads there."
                if _is_translated(address, right.binding.host)
                else f"Either correct DNS: change the {kind} record of {wanted} from {address} to {ends}, in the DNS that these clients ask."
            ),
            f"Or bind the certificate where the name leads, on the server that has {address}: {bind}.",
        ]
    if found.chosen and found.chosen in found.right:
        at = found.handshake.server
        return [
            *ready,
            f"Find out what answers at {at}: there the certificate for {wanted} has to be set, not in HTTP.sys of the server at hand.",
        ]
    return [*ready, f"Bind the certificate for {wanted} to the address itself: {bind}."]


def _is_translated(address: str, host: str) -> bool:
    """Whether a public address was connected to and the binding is to a private one: some device translates between them."""
    return not ipaddress.ip_address(address).is_private and ipaddress.ip_address(host).is_private


def _bind(found: Served, right: Bound) -> str:
    """The commands that bind a certificate to the address that was connected to."""
    address = found.handshake.server_address
    end = f"[{address}]:{found.port}" if ":" in address else f"{address}:{found.port}"
    exact = next((one for one in found.all if one.binding.host in found.addresses), None)
    if exact is not None and len(found.addresses) > 1:
        end = exact.binding.end
    one = right.binding
    added = f"`netsh http add sslcert ipport={end} certhash={one.hash} appid={one.app}{f' certstorename={one.store}' if one.store else ''}`"
    return f"first `netsh http delete sslcert ipport={exact.binding.end}`, then {added}" if exact else added


def _problem(found: Served, right: Bound) -> str:
    """Why the right certificate is not fit to be served yet; "" for one that is."""
    one = right.certificate
    if one is None:
        return ""
    if one.is_expired(found.handshake.time_ns):
        return f"Renew the certificate for {found.wanted} first: {right.binding.hash}, bound to {right.binding.end}, has expired."
    if one.has_key is False:
        return f"Import {right.binding.hash} with its private key first: the store has none for it."
    if not one.serves_tls():
        return f"Have the certificate {right.binding.hash} issued for server authentication first: its usages do not allow it."
    return ""
