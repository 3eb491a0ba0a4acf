"""Proposals of IKEv1 and IKEv2 in words, and hostile ones."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.support.ike import AES_256, TRIPLE_DES, proposal_v1, proposal_v2
from wireproof.wire.ike_proposals import MOST, describe_proposals


def test_each_transform_of_ikev1_is_a_line() -> None:
    assert describe_proposals(proposal_v1([AES_256, TRIPLE_DES])[1], "authip") == (
        "AES-CBC-256/SHA2-256/ECP-384/RSA signature",
        "3DES-CBC/SHA1/MODP-1024/pre-shared key",
    )


def test_a_proposal_of_ikev2_is_a_line() -> None:
    body = proposal_v2([(1, 20, 256), (2, 5, 0), (4, 19, 0)])[1]
    assert describe_proposals(body, "ikev2") == ("AES-GCM-16-256/PRF-SHA2-256/ECP-256",)


def test_an_esp_proposal_names_its_cipher() -> None:
    transform = struct.pack("!BBHBBH", 0, 0, 12, 1, 12, 0) + struct.pack("!HH", 0x8006, 128)
    proposal = struct.pack("!BBHBBBB", 0, 0, 8 + 4 + len(transform), 1, 3, 4, 1) + b"spi!" + transform
    assert describe_proposals(struct.pack("!II", 1, 1) + proposal, "ikev1") == ("ESP AES-CBC 128",)


def test_numbers_without_a_name_are_shown() -> None:
    assert describe_proposals(proposal_v2([(1, 999, 0), (9, 1, 0)])[1], "ikev2") == ("999/1",)


def test_a_list_without_end_is_cut() -> None:
    assert len(describe_proposals(proposal_v1([AES_256] * 200)[1], "ikev1")) <= MOST


@given(st.binary(max_size=400), st.sampled_from(["ikev1", "ikev2", "authip"]))
def test_no_bytes_raise(body: bytes, protocol: str) -> None:
    assert len(describe_proposals(body, protocol)) <= MOST
