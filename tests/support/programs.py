"""Programs in bytes: PE files with a version resource, and Authenticode signatures by certificates made here.

Takes what the resource is to say and who signs; gives a file's bytes. Layouts: Microsoft's PE format, VS_VERSIONINFO, and "Windows Authenticode
Portable Executable Signature Format". The signing code is written apart from the reader that it tests.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import struct
from collections.abc import Callable, Mapping, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.asn1 import context, integer, octets, oid, sequence, tlv

TEXTS = {"ProductName": "Lync Web App", "OriginalFilename": "LWAPlugin.exe"}
SUBJECT = {"C": "US", "ST": "Washington", "L": "Redmond", "O": "Contoso, Inc.", "CN": "Contoso"}
PUBLISHER = "O=CONTOSO, INC., L=REDMOND, S=WASHINGTON, C=US"
FIELDS = {
    "C": NameOID.COUNTRY_NAME, "ST": NameOID.STATE_OR_PROVINCE_NAME, "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME, "CN": NameOID.COMMON_NAME,
}  # fmt: skip
DLL, NATIVE, GUI = 0x2000, 1, 2
SHA256_OID, SHA1_OID, RSA_OID, ECDSA_OID = (
    "2.16.840.1.101.3.4.2.1",
    "1.3.14.3.2.26",
    "1.2.840.113549.1.1.1",
    "1.2.840.10045.4.3.2",
)
HEADERS, SECTION_AT = 0x200, 0x1000
OPTIONAL_AT = 0x40 + 24
CHECKSUM_AT, DIRECTORY_AT = OPTIONAL_AT + 64, OPTIONAL_AT + 112 + 4 * 8

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def program(
    version: bytes = b"", *, characteristics: int = 0x22, subsystem: int = GUI, code: bytes = b"\xc3", tail: bytes = b""
) -> bytes:
    """A PE32+ file with one section that holds this version resource, and `tail` behind all sections."""
    resource = resource_tree(version) if version else b""
    body = (resource + code).ljust(-(-len(resource + code) // 512) * 512, b"\0")
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240, characteristics)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, len(body), 0, 0, SECTION_AT, SECTION_AT)
    optional += struct.pack(
        "<QIIHHHHHHIIIIHH", 0x140000000, 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, 0x2000, HEADERS, 0, subsystem, 0
    )
    optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    directories = [(0, 0)] * 16
    if resource:
        directories[2] = (SECTION_AT, len(resource))
    optional += b"".join(struct.pack("<II", *one) for one in directories)
    section = struct.pack("<8sIIIIIIHHI", b".rsrc", len(body), SECTION_AT, len(body), HEADERS, 0, 0, 0, 0, 0x40000040)
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    return (dos + coff + optional + section).ljust(HEADERS, b"\0") + body + tail


def resource_tree(data: bytes) -> bytes:
    """A resource directory whose only resource is of type 16, name 1, in US English."""
    levels = b""
    for place, number in enumerate((16, 1, 0x409)):
        leads = (place + 1) * 24 | 0x80000000 if place < 2 else 3 * 24
        levels += struct.pack("<IIHHHH", 0, 0, 0, 0, 0, 1) + struct.pack("<II", number, leads)
    return levels + struct.pack("<IIII", SECTION_AT + 3 * 24 + 16, len(data), 0, 0) + data


def version_resource(
    numbers: tuple[int, int, int, int] = (15, 0, 4454, 1006),
    tables: Mapping[str, Mapping[str, str]] | None = None,
    translations: Sequence[tuple[int, int]] = ((0x409, 1200),),
) -> bytes:
    """VS_VERSIONINFO with these numbers, a table of texts for each language, and the languages that it declares."""
    tables = {"040904b0": TEXTS} if tables is None else tables
    first, second, third, fourth = numbers
    fixed = struct.pack(
        "<13I", 0xFEEF04BD, 0x10000, first << 16 | second, third << 16 | fourth, 1, 2, 63, 0, 0x40004, 1, 0, 0, 0
    )
    strings = [
        node(name, children=[node(key, (text + "\0").encode("utf-16-le"), text=True) for key, text in texts.items()])
        for name, texts in tables.items()
    ]
    pairs = b"".join(struct.pack("<HH", *pair) for pair in translations)
    below = [node("StringFileInfo", children=strings), node("VarFileInfo", children=[node("Translation", pairs)])]
    return node("VS_VERSION_INFO", fixed, children=below)


def node(key: str, value: bytes = b"", children: Sequence[bytes] = (), *, text: bool = False) -> bytes:
    """One node of a version resource, each part on a multiple of four."""
    made = (
        _padded(struct.pack("<HHH", 0, len(value) // (2 if text else 1), text) + (key + "\0").encode("utf-16-le"))
        + value
    )
    for child in children:
        made = _padded(made) + child
    return struct.pack("<H", len(made)) + made[2:]


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


# --- signatures ------------------------------------------------------------------------------------------------------


def signing_key(kind: str = "RSA") -> Key:
    """One key of each kind for a whole run."""
    return _made(kind)


@functools.cache
def _made(kind: str) -> Key:
    return rsa.generate_private_key(65537, 2048) if kind == "RSA" else ec.generate_private_key(ec.SECP256R1())


def certificate(subject: Mapping[str, str] | None = None, kind: str = "RSA") -> bytes:
    """A self-signed certificate for code, in DER, valid for the year 2030."""
    name = x509.Name(
        [x509.NameAttribute(FIELDS[key], value) for key, value in (SUBJECT if subject is None else subject).items()]
    )
    key = signing_key(kind)
    built = x509.CertificateBuilder(name, name, key.public_key(), 0x1122334455)
    built = built.not_valid_before(dt.datetime(2030, 1, 1)).not_valid_after(dt.datetime(2030, 12, 31))  # noqa: DTZ001 - UTC is meant
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def signature(
    hash_file: Callable[[str], bytes],
    certificate_der: bytes | None = None,
    *,
    kind: str = "RSA",
    timestamp: bool = False,
    algorithm: str = "sha256",
) -> bytes:
    """SignedData over the hash that `hash_file` gives for the algorithm's name."""
    der = certificate() if certificate_der is None else certificate_der
    digest_oid = sequence(oid({"sha256": SHA256_OID, "sha1": SHA1_OID}[algorithm]), tlv(5))
    about = sequence(oid("1.3.6.1.4.1.311.2.1.15"), sequence(tlv(3, b"\0")))
    indirect = about + sequence(digest_oid, octets(hash_file(algorithm)))
    message = hashlib.new(algorithm, indirect).digest()
    attributes = _attribute("1.2.840.113549.1.9.3", oid("1.3.6.1.4.1.311.2.1.4")) + _attribute(
        "1.2.840.113549.1.9.4", octets(message)
    )
    key, chosen = signing_key(kind), hashes.SHA256() if algorithm == "sha256" else hashes.SHA1()
    if isinstance(key, rsa.RSAPrivateKey):
        signed, signed_by = key.sign(tlv(0x31, attributes), padding.PKCS1v15(), chosen), RSA_OID
    else:
        signed, signed_by = key.sign(tlv(0x31, attributes), ec.ECDSA(chosen)), ECDSA_OID
    loaded = x509.load_der_x509_certificate(der)
    signer = sequence(
        integer(1),
        sequence(loaded.issuer.public_bytes(), integer(loaded.serial_number)),
        digest_oid,
        context(0, attributes),
        sequence(oid(signed_by), tlv(5)),
        octets(signed),
        *([context(1, _attribute("1.3.6.1.4.1.311.3.3.1", sequence()))] if timestamp else []),
    )
    inside = sequence(oid("1.3.6.1.4.1.311.2.1.4"), context(0, sequence(indirect)))
    data = sequence(integer(1), tlv(0x31, digest_oid), inside, context(0, der), tlv(0x31, signer))
    return sequence(oid("1.2.840.113549.1.7.2"), context(0, data))


def _attribute(kind: str, value: bytes) -> bytes:
    return sequence(oid(kind), tlv(0x31, value))


def sign(
    pe: bytes,
    certificate_der: bytes | None = None,
    *,
    kind: str = "RSA",
    timestamp: bool = False,
    algorithm: str = "sha256",
) -> bytes:
    """The program with a signature behind its end."""
    pe += bytes(-len(pe) % 8)

    def hash_file(name: str) -> bytes:
        parts = (pe[:CHECKSUM_AT], pe[CHECKSUM_AT + 4 : DIRECTORY_AT], pe[DIRECTORY_AT + 8 :])
        return hashlib.new(name, b"".join(parts)).digest()

    return attach(pe, signature(hash_file, certificate_der, kind=kind, timestamp=timestamp, algorithm=algorithm))


def attach(pe: bytes, pkcs7: bytes) -> bytes:
    """The program with this signature entered in its directory, whether it fits or not."""
    table = struct.pack("<IHH", len(pkcs7) + 8, 0x200, 2) + pkcs7
    table += bytes(-len(table) % 8)
    return pe[:DIRECTORY_AT] + struct.pack("<II", len(pe), len(table)) + pe[DIRECTORY_AT + 8 :] + table
