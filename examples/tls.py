"""TLS 1.0 records of a plausible handshake: hellos, a certificate of any wished size, key exchange, opaque data.

Takes sizes and names, gives bytes that Wireshark dissects. Protected parts are repeatable noise.
"""

from __future__ import annotations

import random

HANDSHAKE, CHANGE_CIPHER_SPEC, APPLICATION_DATA = 22, 20, 23
CHANGE = b"\x14\x03\x01\x00\x01\x01"
"""A whole change-cipher-spec record."""
AES128_SHA, AES256_SHA = 0x002F, 0x0035


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes without pattern, the same for the same size and seed."""
    return random.Random(size * 1009 + seed).randbytes(size)


def record(kind: int, body: bytes) -> bytes:
    """One TLS 1.0 record."""
    return bytes((kind, 3, 1)) + len(body).to_bytes(2, "big") + body


def protected(size: int, kind: int = APPLICATION_DATA, seed: int = 0) -> bytes:
    """One encrypted record that is `size` bytes long with its header."""
    return record(kind, noise(size - 5, seed))


def message(kind: int, body: bytes) -> bytes:
    """One handshake message."""
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def client_hello(size: int, name: str = "") -> bytes:
    """A ClientHello record of exactly `size` bytes: cipher suites fill what fixed parts and server name leave."""
    host = name.encode()
    extension = b""
    if host:
        entry = b"\0" + len(host).to_bytes(2, "big") + host
        listed = len(entry).to_bytes(2, "big") + entry
        extension = b"\0\0" + len(listed).to_bytes(2, "big") + listed
        extension = len(extension).to_bytes(2, "big") + extension
    session_size = 32
    suites_size = size - 5 - 4 - 2 - 32 - 1 - session_size - 2 - 2 - len(extension)
    session_size += suites_size % 2
    while suites_size < 4:
        suites_size, session_size = suites_size + 2, session_size - 2
    suites_size -= suites_size % 2
    suites = b"".join((AES128_SHA + turn).to_bytes(2, "big") for turn in range(suites_size // 2))
    body = b"\x03\x01" + noise(32, 1) + bytes((session_size,)) + noise(session_size, 2)
    body += len(suites).to_bytes(2, "big") + suites + b"\x01\x00" + extension
    return record(HANDSHAKE, message(1, body))


def server_flight(size: int, common_name: str) -> bytes:
    """One record of `size` bytes with ServerHello, Certificate and ServerHelloDone; the certificate fills it."""
    hello = message(2, b"\x03\x01" + noise(32, 3) + b"\x20" + noise(32, 4) + AES128_SHA.to_bytes(2, "big") + b"\x00")
    done = message(14, b"")
    certificate_size = size - 5 - len(hello) - len(done) - 4 - 3 - 3
    certificate = certificate_of(certificate_size, common_name)
    listed = len(certificate).to_bytes(3, "big") + certificate
    return record(HANDSHAKE, hello + message(11, len(listed).to_bytes(3, "big") + listed) + done)


def client_keys(modulus_bytes: int) -> bytes:
    """ClientKeyExchange, ChangeCipherSpec and Finished after an RSA key exchange."""
    secret = modulus_bytes.to_bytes(2, "big") + noise(modulus_bytes, 5)
    return record(HANDSHAKE, message(16, secret)) + CHANGE + protected(53, HANDSHAKE, 6)


def server_finished() -> bytes:
    """ChangeCipherSpec and Finished, 59 bytes with a 128-bit block cipher and SHA-1."""
    return CHANGE + protected(53, HANDSHAKE, 7)


def der(tag: int, body: bytes) -> bytes:
    """One DER value with a two-byte length where it needs one."""
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def certificate_of(size: int, common_name: str) -> bytes:
    """A DER certificate of exactly `size` bytes: names, validity, RSA key, and a comment extension that fills it."""
    filler = max(0, size - len(_certificate(common_name, 0)) - 8)
    while len(_certificate(common_name, filler)) < size:
        filler += 1
    while len(_certificate(common_name, filler)) > size:
        filler -= 1
    found = _certificate(common_name, filler)
    if len(found) != size:
        raise ValueError(f"no certificate of {size} bytes: lengths jump from {len(found)} here")
    return found


def _certificate(common_name: str, filler: int) -> bytes:
    rsa_sha1 = der(0x30, bytes.fromhex("06092a864886f70d0101050500"))
    rsa = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    modulus = der(2, b"\0" + b"\xc1" + noise(63, 8))
    key = der(0x30, rsa + der(3, b"\0" + der(0x30, modulus + der(2, b"\x01\x00\x01"))))
    validity = der(0x30, der(0x17, b"120101000000Z") + der(0x17, b"150101000000Z"))
    comment = der(0x30, bytes.fromhex("06096086480186f842010d") + der(4, der(0x16, b"x" * filler)))
    body = der(0xA0, der(2, b"\x02")) + der(2, b"\x4c\x31") + rsa_sha1 + _name("Example CA") + validity
    body += _name(common_name) + key + der(0xA3, der(0x30, comment))
    return der(0x30, der(0x30, body) + rsa_sha1 + der(3, b"\0" + noise(64, 9)))


def _name(common_name: str) -> bytes:
    value = bytes.fromhex("0603550403") + der(0x0C, common_name.encode())
    return der(0x30, der(0x31, der(0x30, value)))
