"""The layer that SASL puts around messages once a bind has agreed on signing (RFC 4752, RFC 4121, RFC 4757, MS-NLMP).

Takes one buffer with its length before it; gives what was signed, where it was signed only, and None where it is encrypted. Signatures
are not checked. Judges nothing.
"""

from __future__ import annotations

from wireproof.wire.ber import OID, unpack_element

NTLM_SIGNATURE, CFX_WRAP, GSS_WRAP = b"\x01\x00\x00\x00", b"\x05\x04", b"\x60"
SEALED = 0x02
"""The flag of a Kerberos wrap token that is encrypted (RFC 4121 section 4.2.2)."""
NOT_SEALED = b"\xff\xff"
"""The algorithm of an old wrap token that is signed only (RFC 1964 section 1.2.2)."""
LEAST = 16


def measure_sasl(head: bytes) -> int | None:
    """Length of the buffer that begins here, with the four bytes of its length; None where none does. Needs 8 bytes."""
    size = int.from_bytes(head[:4], "big")
    if len(head) < 8 or head[0] != 0 or size < LEAST:
        return None
    return size + 4 if head[4:].startswith((NTLM_SIGNATURE, CFX_WRAP, GSS_WRAP)) else None


def unwrap_sasl(data: bytes) -> bytes | None:
    """The message in a buffer; None when it is encrypted. With NTLM encrypted and signed look alike: the caller sees what it is."""
    token = data[4:]
    if token.startswith(NTLM_SIGNATURE):
        return token[16:]
    if token.startswith(CFX_WRAP):
        return _unwrap_cfx(token)
    return _unwrap_old(token) if token.startswith(GSS_WRAP) else None


def _unwrap_cfx(token: bytes) -> bytes | None:
    """A wrap token of RFC 4121: its checksum stands behind the message, or before it when the token was rotated."""
    if len(token) < 16 or token[2] & SEALED:
        return None
    checksum, rotated = int.from_bytes(token[4:6], "big"), int.from_bytes(token[6:8], "big")
    body = token[16:]
    if checksum > len(body):
        return None
    turn = rotated % len(body) if body else 0
    return (body[turn:] + body[:turn])[: len(body) - checksum]


def _unwrap_old(token: bytes) -> bytes | None:
    """A wrap token of RFC 1964 and RFC 4757: 24 bytes of header and 8 of confounder."""
    outer = unpack_element(token, 0, len(token))
    mechanism = unpack_element(token, outer.start, len(token)) if outer else None
    if mechanism is None or mechanism.tag != OID:
        return None
    at = mechanism.end
    if token[at : at + 2] != b"\x02\x01" or token[at + 4 : at + 6] != NOT_SEALED:
        return None
    return token[at + 32 :]
