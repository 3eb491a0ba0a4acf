"""Responses of NTLM are found by what the message says of them, or all of it goes."""

from __future__ import annotations

import struct

from tests.export.redact.secrets import NTLM3
from wireproof.export.redact.ntlm import find_ntlm_responses
from wireproof.export.redact.spans import blank


def hidden(data: bytes, at: int) -> bytes:
    """The data with the responses of the message at `at` blanked."""
    return blank(data, ((secret.start, secret.end) for secret in find_ntlm_responses(data, at)))


def test_only_the_responses_go() -> None:
    data = b"abc" + NTLM3 + b"def"
    assert hidden(data, 3) == data.replace(b"Z", b"*")


def test_a_message_that_lies_or_is_cut_goes_whole() -> None:
    lying = NTLM3[:20] + struct.pack("<HHI", 24, 24, 1 << 20) + NTLM3[28:]
    assert hidden(lying, 0) == lying[:12] + b"*" * (len(lying) - 12)
    assert hidden(NTLM3[:30], 0) == NTLM3[:12] + b"*" * 18


def test_no_response_blanks_nothing() -> None:
    empty = NTLM3[:12] + bytes(52) + NTLM3[64:]
    assert list(find_ntlm_responses(empty, 0)) == []
