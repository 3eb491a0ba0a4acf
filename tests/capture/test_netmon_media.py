"""Media types: their link types, the frames that are no packets, and radio headers."""

from __future__ import annotations

import numpy as np
import pytest

from wireproof.capture.frames import Interface
from wireproof.capture.netmon_media import NO_LINK_TYPE, MediaTypes, describe_media


def of(*media: int) -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    """Media types as a batch has them."""
    return np.array(media, np.uint16)


@pytest.mark.parametrize(
    ("media", "link_type"),
    [(0, 1), (1, 1), (2, 6), (3, 10), (6, 105), (8, 101), (9, 101), (0xE001, 1), (0xE071, 113), (4, NO_LINK_TYPE)],
)
def test_media_types_have_their_link_types(media: int, link_type: int) -> None:
    assert describe_media(media).link_type == link_type


def test_interfaces_are_added_as_their_media_types_appear() -> None:
    interfaces: list[Interface] = []
    media = MediaTypes(interfaces)
    assert media.interfaces_of(of(9, 1, 9)).tolist() == [1, 0, 1]
    assert media.interfaces_of(of(0xFFFF, 1)).tolist() == [2, 0]
    assert [interface.name for interface in interfaces] == ["Ethernet", "mobile broadband", "capture filter"]


def test_nothing_is_told_of_packets() -> None:
    media = MediaTypes([])
    media.interfaces_of(of(1, 2, 6, 9, 0xE071))
    assert list(media.tell()) == []


def test_each_kind_of_frame_that_is_not_decoded_is_told_once() -> None:
    media = MediaTypes([])
    for _ in range(2):
        media.are_numbered(of(0xFFFC, 0xFFFE, 1), np.array([True, False, True]))
        media.interfaces_of(of(0xFFFF, 0xFFE0, *range(10, 17)))
    assert list(media.tell()) == [
        "2 frames are Network Monitor's own (capture filter): they have numbers and hold no packet",
        "2 frames are ETW events, which are not decoded",
        "14 frames of media type 10, 11, 12, 13, 14, … are not decoded",
        "2 frames of Network Monitor's own (payload header) are left out; it counts them, Wireshark and wireproof don't",
    ]


def test_only_a_radio_header_that_fits_its_frame_is_skipped() -> None:
    view = memoryview(bytearray(b"\2\x04\0X" + b"\2\x05\0X" + b"\1\x04\0X" + b"\2\x04\0X"))
    skipped = MediaTypes([]).skip(view, np.array([0, 4, 8, 12]), np.array([4, 4, 4, 4]), of(6, 6, 6, 1))
    assert skipped.tolist() == [4, 0, 0, 0]
