"""What openers share."""

from __future__ import annotations

from wireproof.decrypt.protect.opener import BadRecord, pack_header


def test_a_bad_record_says_why() -> None:
    assert BadRecord("mac").why == str(BadRecord("mac")) == "mac"


def test_the_header_under_a_mac_is_sequence_type_version_length() -> None:
    assert pack_header(1, 23, 0x0301, 258).hex() == "00000000000000011703010102"
