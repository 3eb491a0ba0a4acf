"""Which issuers a server's request for a client certificate lacks, told by certificates at hand: the client's own, or trusted roots.

Takes the case's certificates and a handshake; gives names. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.messages.certificates import Certificate, CertificateAtHand
    from wireproof.rules.tls._handshakes import Handshake

CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2"
DEEPEST = 10
"""Certificates of one chain; real ones have three or four."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A certificate of the client that the request has no issuer of. `issuers` are those of its chain, nearest first."""

    found: CertificateAtHand
    issuers: tuple[str, ...]


def lacking_issuers(case: Case, handshake: Handshake) -> list[Lacking]:
    """The client certificates at hand of which no issuer is on the server's list; none where it lists nobody, which means anybody."""
    request = handshake.session.request
    if request is None or not request.authorities:
        return []
    listed = set(request.authorities)
    served = {certificate.thumbprint for certificate in handshake.session.certificates}
    found = []
    for one in case.certificates:
        if one.certificate.thumbprint in served or not _is_for_clients(one.certificate):
            continue
        issuers = _chain(case, one.certificate)
        if not listed.intersection(issuers):
            found.append(Lacking(one, issuers))
    return found


def unlisted_roots(case: Case, handshake: Handshake) -> list[Certificate]:
    """Roots at hand that the server's list lacks: of a list that was cut, those that were left out."""
    request = handshake.session.request
    if request is None or not request.authorities:
        return []
    roots = [one.certificate for one in case.certificates if one.certificate.is_ca and one.certificate.self_signed]
    return [root for root in roots if root.subject not in request.authorities]


def _is_for_clients(certificate: Certificate) -> bool:
    """Whether a client may show it (RFC 5280 section 4.2.1.12)."""
    usages = certificate.usages
    return certificate.readable and not certificate.is_ca and (not usages or CLIENT_AUTHENTICATION in usages)


def _chain(case: Case, certificate: Certificate) -> tuple[str, ...]:
    """The issuer's name and those above it, as far as their certificates are at hand."""
    names = [certificate.issuer]
    authorities = {one.certificate.subject: one.certificate for one in case.certificates if one.certificate.is_ca}
    while len(names) < DEEPEST:
        above = authorities.get(names[-1])
        if above is None or above.issuer in names:
            break
        names.append(above.issuer)
    return tuple(names)
