"""Authenticode signatures (PKCS #7 SignedData with SpcIndirectDataContent): who signed, and whether this file is what was signed.

Takes the signature's bytes and a function that hashes the file; gives a `Signer`. Whether a machine trusts the certificate's root is
not judged: that depends on the machine. Source: Microsoft, "Windows Authenticode Portable Executable Signature Format".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from wireproof.policy.model import Signer
from wireproof.wire.ber import (
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    Element,
    content,
    find_below,
    find_child,
    find_elements,
    unpack_element,
    unpack_oid,
)
from wireproof.wire.distinguished_name import name_attributes
from wireproof.wire.x509 import Fields, unpack_certificate

SIGNED_DATA, INDIRECT_DATA = "1.2.840.113549.1.7.2", "1.3.6.1.4.1.311.2.1.4"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
COUNTER_SIGNATURE, TIMESTAMP = "1.2.840.113549.1.9.6", "1.3.6.1.4.1.311.3.3.1"
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1
DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
MOST_BYTES = 8 << 20
"""Signatures take some ten thousand bytes; those with page hashes of a large image a few hundred thousand."""
PUBLISHER = (("O", "2.5.4.10"), ("L", "2.5.4.7"), ("S", "2.5.4.8"), ("C", "2.5.4.6"))
"""The attributes of AppLocker's publisher name, in its order and by its labels."""
HashFile = Callable[[str], bytes]
"""Gives the file's Authenticode hash by an algorithm that hashlib knows by this name."""


@dataclass(slots=True)
class Signed:
    """The parts of a SignedData that count here, as bytes."""

    indirect: bytes = b""
    certificates: tuple[bytes, ...] = ()
    issuer: bytes = b""
    serial: bytes = b""
    algorithm: str = ""
    attributes: bytes = b""
    signature: bytes = b""
    has_timestamp: bool = False


def read_signer(pkcs7: bytes, hash_file: HashFile) -> Signer:
    """The signer of a file; `trouble` says what is wrong with the signature."""
    signed = unpack_signed(pkcs7)
    if signed is None:
        return Signer(trouble="its signature can't be read")
    certificate = next((one for one in signed.certificates if _is_of(one, signed)), b"")
    fields = unpack_certificate(certificate)
    if fields is None:
        return Signer(trouble="its signature does not hold the signer's certificate")
    trouble = _find_trouble(signed, certificate, hash_file)
    return Signer(publisher_name(fields), trouble, signed.has_timestamp, fields.not_after)


def publisher_name(fields: Fields) -> str:
    """`O=CONTOSO, L=REDMOND, S=WASHINGTON, C=US`, as AppLocker writes it.

    AppLocker builds this name when the certificate names an organisation and at least one of the others; it falls back to the whole subject
    otherwise, in a form that is not documented. Then nothing is given.
    """
    known: dict[str, str] = {}
    for kind, value in name_attributes(fields.subject):
        known.setdefault(kind, value)
    parts = [f"{label}={capitals(known[kind])}" for label, kind in PUBLISHER if known.get(kind)]
    return ", ".join(parts) if len(parts) > 1 and parts[0].startswith("O=") else ""


def capitals(text: str) -> str:
    """The text as Windows puts it in capitals: letter by letter, so that `ß` stays."""
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in text)


def unpack_signed(pkcs7: bytes) -> Signed | None:
    """The parts of a signature; None when these bytes are none."""
    outer = unpack_element(pkcs7, 0, len(pkcs7))
    if outer is None or outer.tag != SEQUENCE or outer.end > len(pkcs7):
        return None
    if unpack_oid(pkcs7, find_child(pkcs7, outer, OID)) != SIGNED_DATA:
        return None
    body = find_below(pkcs7, outer, CONTEXT_0, SEQUENCE)
    parts = list(find_elements(pkcs7, body.start, body.end)) if body else []
    if len(parts) < 4 or parts[2].tag != SEQUENCE or parts[-1].tag != SET:
        return None
    inside = parts[2]
    if unpack_oid(pkcs7, find_child(pkcs7, inside, OID)) != INDIRECT_DATA:
        return None
    found = Signed(indirect=content(pkcs7, find_below(pkcs7, inside, CONTEXT_0, SEQUENCE)))
    for part in parts[3:-1]:
        if part.tag == CONTEXT_0:
            found.certificates = tuple(pkcs7[one.at : one.end] for one in find_elements(pkcs7, part.start, part.end))
    signer = find_child(pkcs7, parts[-1], SEQUENCE)
    return found if signer is not None and _take_signer(pkcs7, signer, found) else None


def _take_signer(data: bytes, signer: Element, found: Signed) -> bool:
    """Fill in what SignerInfo says; whether it says all that is needed."""
    parts = list(find_elements(data, signer.start, signer.end))
    if len(parts) < 6 or parts[1].tag != SEQUENCE or parts[3].tag != CONTEXT_0 or parts[5].tag != OCTET_STRING:
        return False
    name = list(find_elements(data, parts[1].start, parts[1].end))
    if len(name) != 2:
        return False
    found.issuer, found.serial = data[name[0].at : name[0].end], content(data, name[1])
    found.algorithm = DIGESTS.get(unpack_oid(data, find_child(data, parts[2], OID)), "")
    # What is signed is the SET, not the context-specific tag that stands in its place.
    found.attributes = bytes([SET]) + data[parts[3].at + 1 : parts[3].end]
    found.signature = content(data, parts[5])
    if len(parts) > 6 and parts[6].tag == CONTEXT_1:
        kinds = {
            unpack_oid(data, find_child(data, one, OID)) for one in find_elements(data, parts[6].start, parts[6].end)
        }
        found.has_timestamp = bool(kinds & {COUNTER_SIGNATURE, TIMESTAMP})
    return True


def _is_of(certificate: bytes, signed: Signed) -> bool:
    fields = unpack_certificate(certificate)
    serial = signed.serial.hex().lstrip("0") or "0"
    return fields is not None and fields.issuer == signed.issuer and fields.serial == serial


def _find_trouble(signed: Signed, certificate: bytes, hash_file: HashFile) -> str:
    """Why the signature does not hold for this file; empty when it does."""
    whole = Element(SEQUENCE, 0, 0, len(signed.indirect))
    parts = list(find_elements(signed.indirect, whole.start, whole.end))
    digest = parts[-1] if parts and parts[-1].tag == SEQUENCE else None
    algorithm = (
        DIGESTS.get(unpack_oid(signed.indirect, find_below(signed.indirect, digest, SEQUENCE, OID)), "")
        if digest
        else ""
    )
    if digest is None or not algorithm or not signed.algorithm:
        return "its signature uses a hash that is not known here"
    if content(signed.indirect, find_child(signed.indirect, digest, OCTET_STRING)) != hash_file(algorithm):
        return "it was changed after it was signed"
    made = hashlib.new(signed.algorithm, signed.indirect, usedforsecurity=False).digest()
    if _message_digest(signed.attributes) != made:
        return "its signature is damaged"
    return _verify(signed, certificate)


def _message_digest(attributes: bytes) -> bytes:
    """The hash of the content that the signer states; empty when there is none."""
    outer = unpack_element(attributes, 0, len(attributes))
    for one in find_elements(attributes, outer.start, outer.end) if outer else ():
        if unpack_oid(attributes, find_child(attributes, one, OID)) == MESSAGE_DIGEST:
            return content(attributes, find_below(attributes, one, SET, OCTET_STRING))
    return b""


def _verify(signed: Signed, certificate: bytes) -> str:
    """Check the signature with the certificate's key."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    kinds: dict[str, Callable[[], hashes.HashAlgorithm]] = {
        "md5": hashes.MD5,
        "sha1": hashes.SHA1,
        "sha256": hashes.SHA256,
        "sha384": hashes.SHA384,
        "sha512": hashes.SHA512,
    }
    algorithm = kinds[signed.algorithm]()
    try:
        key = load_der_x509_certificate(certificate).public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signed.signature, signed.attributes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signed.signature, signed.attributes, ec.ECDSA(algorithm))
        else:
            return "its signer's key is of a kind that is not known here"
    except InvalidSignature:
        return "its signature is not that of its certificate"
    except (ValueError, TypeError, InvalidVersion, UnsupportedAlgorithm):
        return "its signer's certificate can't be read"
    return ""
