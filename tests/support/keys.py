"""Private keys, certificates, PFX files and key logs as programs write them; made anew, cached for a run."""

from __future__ import annotations

import datetime as dt
import functools
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from tests.support.asn1 import context, integer, octets, oid, sequence, tlv

PASSWORD = "Rosebud-17"
RANDOM = bytes(range(32))
MASTER = bytes(range(100, 148))
KEY_OIDS = {"data": "1.2.840.113549.1.7.1", "bag": "1.2.840.113549.1.12.10.1.1", "locked": "1.2.840.113549.1.12.10.1.2"}


def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """The RSA key of this number."""
    return _made(number)


@functools.cache
def _made(_number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)


@functools.cache
def other_key(kind: str) -> ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey | ed25519.Ed25519PrivateKey:
    """A key of EC, DSA or Ed25519."""
    if kind == "EC":
        return ec.generate_private_key(ec.SECP256R1())
    return dsa.generate_private_key(1024) if kind == "DSA" else ed25519.Ed25519PrivateKey.generate()


def modulus(key: rsa.RSAPrivateKey) -> int:
    """What tells one RSA key from another."""
    return key.public_key().public_numbers().n


def private_bytes(key: object, form: str = "PKCS8", *, pem: bool = True, password: str = "") -> bytes:
    """A private key in PKCS#8 or, for any other `form`, as OpenSSL wrote it before."""
    lock: KeySerializationEncryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    kind = PrivateFormat.PKCS8 if form == "PKCS8" else PrivateFormat.TraditionalOpenSSL
    made: bytes = key.private_bytes(Encoding.PEM if pem else Encoding.DER, kind, lock)  # type: ignore[attr-defined]
    return made


@functools.cache
def certificate(number: int = 0, name: str = "server.example") -> x509.Certificate:
    """A self-signed certificate of the RSA key of this number."""
    key = rsa_key(number)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(start).not_valid_after(start + dt.timedelta(days=900))
    return made.sign(key, hashes.SHA256())


def certificate_bytes(number: int = 0, *, pem: bool = True) -> bytes:
    """That certificate in a file."""
    return certificate(number).public_bytes(Encoding.PEM if pem else Encoding.DER)


def pfx(password: str = PASSWORD, number: int = 0, *, key: object = None) -> bytes:
    """A PFX with a key and its certificate."""
    lock: KeySerializationEncryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    own = rsa_key(number) if key is None else key
    return pkcs12.serialize_key_and_certificates(b"server", own, certificate(number), None, lock)  # type: ignore[arg-type]


def old_pfx(password: str = PASSWORD) -> bytes:
    """A PFX as Windows wrote it before 2019: 3DES, and a MAC by SHA-1."""
    lock = PrivateFormat.PKCS12.encryption_builder().key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    made = lock.kdf_rounds(2000).hmac_hash(hashes.SHA1()).build(password.encode())
    return pkcs12.serialize_key_and_certificates(b"server", rsa_key(), certificate(), None, made)


def pfx_of_bags(keys: Sequence[bytes]) -> bytes:
    """A PFX without MAC whose bags hold these PKCS#8 values, encrypted ones among them."""
    bags = [
        sequence(oid(KEY_OIDS["bag" if key[4:7] == b"\x02\x01\x00" else "locked"]), context(0, key)) for key in keys
    ]
    contents = sequence(oid(KEY_OIDS["data"]), context(0, octets(sequence(*bags))))
    return sequence(integer(3), sequence(oid(KEY_OIDS["data"]), context(0, octets(sequence(contents)))))


def indefinite(der: bytes) -> bytes:
    """A DER value with indefinite lengths, octet strings that hold a SEQUENCE cut in two pieces."""
    tag, start, end = der[0], *_span(der)
    body = der[start:end]
    if tag & 0x20:
        parts = []
        while body:
            _, end = _span(body)
            parts.append(indefinite(body[:end]))
            body = body[end:]
        return bytes((tag, 0x80)) + b"".join(parts) + b"\0\0"
    if tag == 4 and len(body) > 200:
        return b"\x24\x80" + tlv(4, body[:100]) + tlv(4, body[100:]) + b"\0\0"
    return der


def _span(der: bytes) -> tuple[int, int]:
    size = der[1] & 0x7F if der[1] & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + size], "big") if size else der[1]
    return 2 + size, 2 + size + length


def log_line(label: str = "CLIENT_RANDOM", found_by: bytes = RANDOM, value: bytes = MASTER) -> bytes:
    """A line of a key log."""
    return f"{label} {found_by.hex()} {value.hex()}\n".encode()


def openssl(*words: object, stdin: bytes = b"") -> bytes:
    """What the program prints; the test is skipped where it is absent or can't do this."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("the program openssl is not installed")
    done = subprocess.run([program, *map(str, words)], input=stdin, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"this openssl does not do it: {done.stderr.decode(errors='replace')[:200]}")
    return done.stdout


def write(folder: Path, name: str, data: bytes) -> Path:
    """A file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path
