"""Responses of NTLM, from which passwords are guessed: in AUTHENTICATE messages, whatever carries them.

Takes bytes and where a message begins; gives what to blank. Knows no protocol around it.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.export.redact.secret import NOWHERE, Secret

NTLM_RESPONSE = b"NTLMSSP\0\x03\0\0\0"
FIELDS = (12, 20, 52)
"""LmChallengeResponse, NtChallengeResponse, EncryptedRandomSessionKey (MS-NLMP section 2.2.1.3)."""
MOST = 4096


def find_ntlm_responses(data: bytes, at: int) -> Iterator[Secret]:
    """The responses of the message at `at`, or all of it where its lengths can't be right."""
    for field in FIELDS:
        size = int.from_bytes(data[at + field : at + field + 2], "little")
        start = int.from_bytes(data[at + field + 4 : at + field + 8], "little")
        if start > MOST or size > MOST or len(data) < at + field + 8:
            yield Secret(at + len(NTLM_RESPONSE), at + MOST, NOWHERE, at, False)
            return
        if size:
            yield Secret(at + start, at + start + size, NOWHERE, at, False)
