"""X.509 certificates as rules and tables need them: names, validity, issuer, thumbprint.

Takes DER bytes; gives a `Certificate`. Whether anybody trusts it is not judged here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wireproof.wire.distinguished_name import last_common_name, name_text
from wireproof.wire.x509 import unpack_certificate

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate (RFC 5280) as a server or a client sent it.

    `subject` and `issuer` are RFC 4514 text. `names` are the DNS names and addresses of the subject alternative name,
    `common_name` is the subject's last one. `not_before_ns` and `not_after_ns` are nanoseconds since 1970. `serial` is
    hexadecimal, `thumbprint` the SHA-1 of the DER in hexadecimal, as Windows shows it. `usages` are the object identifiers of
    the extended key usage; none means any. `self_signed` means that it names itself as its issuer; no signature is verified.
    `readable` is False where the bytes are no certificate: all else is then empty.
    """

    thumbprint: str
    der: bytes
    readable: bool = True
    subject: str = ""
    common_name: str = ""
    names: tuple[str, ...] = ()
    issuer: str = ""
    not_before_ns: int = 0
    not_after_ns: int = 0
    serial: str = ""
    self_signed: bool = False
    is_ca: bool = False
    usages: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The names that it is for; the common name too where no alternative one is a host name (RFC 6125 section 6.4.4)."""
        hosts = any(not name.replace(".", "").isdigit() and ":" not in name for name in self.names)
        return self.names if hosts or not self.common_name else (*self.names, self.common_name)

    @property
    def likeness(self) -> str:
        """What stays the same when it is issued again: subject, issuer and names; its thumbprint where it can't be read."""
        return "\n".join((self.subject, self.issuer, *self.names)) if self.readable else self.thumbprint

    @property
    def title(self) -> str:
        """How to speak of it in a sentence."""
        named = self.common_name or self.subject or (self.names[0] if self.names else "")
        return named or f"without a name, thumbprint {self.thumbprint}"


@dataclass(frozen=True, slots=True)
class CertificateAtHand:
    """A certificate that was given beside the captures: `file` names where it stands."""

    file: str
    certificate: Certificate


def thumbprint(der: bytes) -> str:
    """SHA-1 of the DER in hexadecimal."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()


def read_certificate(der: bytes) -> Certificate:
    """The certificate in these bytes; one that is not `readable` when they are none."""
    fields = unpack_certificate(der)
    if fields is None:
        return Certificate(thumbprint(der), der, readable=False)
    return Certificate(
        thumbprint(der),
        der,
        subject=name_text(fields.subject),
        common_name=last_common_name(fields.subject),
        names=fields.names,
        issuer=name_text(fields.issuer),
        not_before_ns=fields.not_before * SECOND,
        not_after_ns=fields.not_after * SECOND,
        serial=fields.serial,
        self_signed=fields.self_signed,
        is_ca=fields.is_ca,
        usages=fields.usages,
    )
