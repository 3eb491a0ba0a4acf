"""One private key, or the keys of one PFX, opened: decrypted with each password until one fits, and looked over.

Takes DER values or PEM blocks, and passwords; gives RSA keys, and in words what other keys there are or why none could be read. It is
the only place where key files load the package `cryptography`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_private_key,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)

from wireproof.decrypt.keys.pem import Block
from wireproof.decrypt.keys.shapes import Shape, Survey, find_key_bags, find_shape, survey
from wireproof.limits import limit
from wireproof.wire.ber import unpack_element

ROUNDS = limit(
    "keys.derivation_rounds",
    20_000_000,
    "programs make a key from a password in up to 600,000 rounds today; a file that asks for far more was made to keep a reader busy",
)
MEMORY = limit(
    "keys.derivation_bytes",
    256 << 20,
    "scrypt takes 16 MiB as OpenSSL uses it; a file that asks for far more was made to fill a reader's memory",
)
LARGEST_MODULUS = 16_384
"""Bits; OpenSSL computes with no larger RSA key."""
LEGACY_CIPHERS = {"AES-128-CBC": 16, "AES-192-CBC": 16, "AES-256-CBC": 16, "DES-EDE3-CBC": 8}
"""What OpenSSL encrypted whole PEM blocks with, and the bytes of the initialization vector."""
NAMES: tuple[tuple[type, str], ...] = ((ec.EllipticCurvePrivateKey, "EC"), (dsa.DSAPrivateKey, "DSA"))
REFUSALS = (ValueError, TypeError, OverflowError, InternalError)
"""What `cryptography` raises on a wrong password and on bytes that are no key; it does not tell the two apart."""

UNSUPPORTED = "is encrypted in a way that is not supported; openssl pkcs8 -topk8 -v2 aes-256-cbc changes that"

Load = Callable[[bytes | None], object]
"""Gives the key with this password; raises what `cryptography` does."""


@dataclass(slots=True)
class Opened:
    """What became of one value: RSA keys, the names of other algorithms, keys that need a password, certificates (DER), what is wrong."""

    keys: list[rsa.RSAPrivateKey] = field(default_factory=list, repr=False)
    others: list[str] = field(default_factory=list)
    locked: int = 0
    certificates: list[bytes] = field(default_factory=list, repr=False)
    fault: str = ""


def open_value(der: bytes, passwords: Sequence[str]) -> Opened:
    """The key or keys of a DER value of any shape."""
    shape = find_shape(der)
    whole = unpack_element(der, 0, len(der))
    if whole is None or shape is Shape.NONE:
        return Opened(fault="is damaged, or no key of a form that is known")
    if whole.end > len(der):
        return Opened(fault=f"is {shape.named} cut at byte {len(der)} of {whole.end}")
    der = der[: whole.end]
    if fault := _find_fault(survey(der)):
        return Opened(fault=f"is {shape.named} {fault}")
    if shape is Shape.PKCS12:
        return _open_pfx(der, passwords)
    if shape is Shape.ENCRYPTED_PKCS8:
        return _try_each(_loader(der), encode(passwords))
    return _try_each(_loader(der), [None], f"is {shape.named}, and damaged")


def open_legacy(block: Block, passwords: Sequence[str]) -> Opened:
    """The key of a PEM block that is encrypted as a whole (`Proc-Type: 4,ENCRYPTED`)."""
    cipher, vector = block.cipher
    if cipher not in LEGACY_CIPHERS:
        return Opened(fault=f"is encrypted with {cipher or 'an unnamed cipher'}, which is not supported")
    if vector != LEGACY_CIPHERS[cipher]:
        return Opened(
            fault=f"states {vector} bytes to start {cipher} with, not {LEGACY_CIPHERS[cipher]}; it is damaged"
        )
    text = block.text()
    return _try_each(
        lambda password: load_pem_private_key(text, password, unsafe_skip_rsa_key_validation=True), encode(passwords)
    )


def open_certificates(der: bytes) -> list[bytes]:
    """The certificates (DER) in a PKCS#7 value, as Windows exports them to .p7b; none when it is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [one.public_bytes(Encoding.DER) for one in pkcs7.load_der_pkcs7_certificates(der)]
    except (UnsupportedAlgorithm, *REFUSALS):
        return []


def encode(passwords: Sequence[str]) -> list[bytes | None]:
    """Passwords as the bytes that keys are made from: UTF-8, and what older programs on Windows and Unix took beside it."""
    encoded: dict[bytes | None, None] = {}
    for password in passwords:
        for encoding in ("utf-8", "cp1252", "latin-1"):
            encoded.setdefault(password.encode(encoding, "ignore"))
    return [word for word in encoded if word]


def _find_fault(found: Survey) -> str:
    if found.broken_at >= 0:
        return f"damaged at its byte {found.broken_at}"
    if found.rounds > ROUNDS.value:
        return f"whose password takes {found.rounds:,} rounds, more than the limit keys.derivation_rounds"
    if found.memory > MEMORY.value:
        return f"whose password takes {found.memory:,} bytes of memory, more than the limit keys.derivation_bytes"
    return ""


def _loader(der: bytes) -> Load:
    # The package's own check looks for primes and takes a quarter of a second for 4096 bits; `_find_flaw` is enough here.
    return lambda password: load_der_private_key(der, password, unsafe_skip_rsa_key_validation=True)


def _try_each(load: Load, passwords: Sequence[bytes | None], otherwise: str = "") -> Opened:
    """The key that the first fitting password opens; with none it is locked, or has the fault that `otherwise` names."""
    for password in passwords:
        try:
            return _sort(load(password))
        except UnsupportedAlgorithm:
            return Opened(fault=UNSUPPORTED)
        except REFUSALS as error:
            if "nknown" in str(error):
                # "Unknown key encryption algorithm", "unknown cipher": no other password will do.
                return Opened(fault=UNSUPPORTED)
    return Opened(fault=otherwise) if otherwise else Opened(locked=1)


def _sort(key: object) -> Opened:
    if not isinstance(key, rsa.RSAPrivateKey):
        name = next((name for kind, name in NAMES if isinstance(key, kind)), "")
        return Opened(others=[name or type(key).__name__.removesuffix("PrivateKey").removeprefix("_")])
    flaw = _find_flaw(key)
    return Opened(fault=flaw) if flaw else Opened([key])


def _find_flaw(key: rsa.RSAPrivateKey) -> str:
    """Why an RSA key can't be used; empty when its numbers belong together."""
    if key.key_size > LARGEST_MODULUS:
        return f"is an RSA key of {key.key_size} bits, more than OpenSSL computes with"
    numbers = key.private_numbers()
    public = numbers.public_numbers
    is_sound = numbers.p > 2 and numbers.q > 2 and numbers.p * numbers.q == public.n
    product = numbers.d * public.e - 1
    if not is_sound or product % (numbers.p - 1) or product % (numbers.q - 1):
        return "is an RSA key whose numbers do not belong together; it is damaged"
    return ""


def _open_pfx(der: bytes, passwords: Sequence[str]) -> Opened:
    """Every key of a PFX. Windows and OpenSSL write such without a password in two ways, and both are tried first.

    The package gives the first key, wherever it lies, and certificates; the bags of further keys are opened one by one.
    """
    found, of_bags = Opened(), 0
    closed = list(find_key_bags(der))
    for password in (None, b"", *(word.encode() for word in passwords)):
        _merge(found, _open_whole(der, password))
        still = []
        for bag in closed:
            is_locked = find_shape(bag) is Shape.ENCRYPTED_PKCS8
            opened = _try_each(_loader(bag), [password or b"" if is_locked else None])
            of_bags += len(opened.keys)
            _merge(found, opened)
            if opened.locked:
                still.append(bag)
        closed = still
        if not closed and (found.keys or found.others or found.certificates):
            return found
    # A bag that stays closed may be the one whose key was read with the whole: an empty password is not taken for a bag alone.
    read_whole = len(found.keys) > of_bags
    found.locked = len(closed) - read_whole if found.keys else len(closed) or int(not found.fault)
    return found


def _open_whole(der: bytes, password: bytes | None) -> Opened:
    """The first key and the certificates of a PFX; nothing where the password does not fit."""
    try:
        with warnings.catch_warnings():
            # It tells in a warning that a file is not strict DER; several programs write such.
            warnings.simplefilter("ignore")
            whole = pkcs12.load_pkcs12(der, password)
    except UnsupportedAlgorithm:
        return Opened(fault=UNSUPPORTED)
    except REFUSALS:
        return Opened()
    found = _sort(whole.key) if whole.key is not None else Opened()
    held = [*([whole.cert] if whole.cert else []), *whole.additional_certs]
    found.certificates = [one.certificate.public_bytes(Encoding.DER) for one in held]
    return found


def _merge(found: Opened, more: Opened) -> None:
    known = {key.private_numbers().public_numbers.n for key in found.keys}
    found.keys += [key for key in more.keys if key.private_numbers().public_numbers.n not in known]
    found.others += [name for name in more.others if name not in found.others]
    found.certificates += [one for one in more.certificates if one not in found.certificates]
    found.fault = found.fault or more.fault
