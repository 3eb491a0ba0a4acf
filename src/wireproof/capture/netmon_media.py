"""Media types of Network Monitor's frames: their link types, which of them are no packets, and what stands before a frame.

Takes the media types of a batch's records, gives interfaces and what to tell about those that are not decoded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.frames import Interface

NO_LINK_TYPE = 0xFFFF
PCAP_BASE = 0xE000
PCAP_LAST = 0xEFFF
"""Media types from here to there are pcap's link types."""
WLAN = 6
WLAN_VERSION = 2
NET_EVENT = 0xFFE0
UNNUMBERED = (0xFFFC, 0xFFFD, 0xFFFE)
"""Frames of Network Monitor itself that Wireshark neither shows nor counts."""
OWN = (0xFFFB, *UNNUMBERED, 0xFFFF)
"""Frames of Network Monitor itself."""

LINK_TYPES = {0: 1, 1: 1, 2: 6, 3: 10, WLAN: 105, 7: 101, 8: 101, 9: 101}
"""Media types as link types of pcap's registry; what others hold is no packet, or of no kind that the registry names."""

NAMES = {
    0: "Ethernet",
    1: "Ethernet",
    2: "token ring",
    3: "FDDI",
    4: "ATM",
    WLAN: "802.11",
    7: "raw IP",
    8: "tunnel",
    9: "mobile broadband",
    NET_EVENT: "ETW events",
    0xFFFB: "network information",
    0xFFFC: "payload header",
    0xFFFD: "network information",
    0xFFFE: "DNS cache",
    0xFFFF: "capture filter",
}


def describe_media(media: int) -> Interface:
    """The interface that stands for the frames of one media type: files don't say which adapter saw a frame."""
    name = NAMES.get(media, "")
    if PCAP_BASE <= media <= PCAP_LAST:
        return Interface(media - PCAP_BASE, name=name)
    return Interface(LINK_TYPES.get(media, NO_LINK_TYPE), name=name or f"media type {media}")


class MediaTypes:
    """The media types seen so far. Adds to `interfaces` one for each that has rows."""

    def __init__(self, interfaces: list[Interface]) -> None:
        self._interfaces = interfaces
        self._number = np.full(0x1_0000, -1, np.int32)
        self._left_out: Counter[int] = Counter()
        self._frames: Counter[int] = Counter()

    def are_numbered(self, media: NDArray[np.uint16], is_sound: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which records are frames that Wireshark gives a number; counts those that are not."""
        left_out = np.isin(media, UNNUMBERED)
        if left_out.any():
            self._left_out.update(media[left_out & is_sound].tolist())
        return ~left_out

    def interfaces_of(self, media: NDArray[np.uint16]) -> NDArray[np.int32]:
        """The interface of each row."""
        for kind, count in zip(*np.unique(media, return_counts=True), strict=True):
            if self._number[kind] < 0:
                self._number[kind] = len(self._interfaces)
                self._interfaces.append(describe_media(int(kind)))
            if self._interfaces[self._number[kind]].link_type == NO_LINK_TYPE:
                self._frames[int(kind)] += int(count)
        return self._number[media]

    def skip(
        self, view: memoryview, position: NDArray[np.int64], captured: NDArray[Any], media: NDArray[np.uint16]
    ) -> NDArray[np.int64]:
        """How many bytes of each frame stand before its link-layer header: the radio's part before 802.11, which states its length."""
        skipped = np.zeros(len(position), np.int64)
        rows = np.flatnonzero((media == WLAN) & (captured >= 3))
        if len(rows):
            data = np.frombuffer(view, np.uint8)
            at = position[rows]
            length = data[at + 1].astype(np.int64) | data[at + 2].astype(np.int64) << 8
            is_radio = (data[at] == WLAN_VERSION) & (length <= captured[rows])
            skipped[rows] = np.where(is_radio, length, 0)
        return skipped

    def tell(self) -> Iterator[str]:
        """One sentence on each kind of frames that is not decoded."""
        own = sum(count for media, count in self._frames.items() if media in OWN)
        if own:
            names = ", ".join(sorted({NAMES[media] for media in self._frames if media in OWN}))
            yield f"{own} frames are Network Monitor's own ({names}): they have numbers and hold no packet"
        events = self._frames[NET_EVENT]
        if events:
            yield f"{events} frames are ETW events, which are not decoded"
        others = [media for media, _ in self._frames.most_common() if media not in (*OWN, NET_EVENT)]
        if others:
            named = ", ".join(map(str, others[:5])) + (", …" if len(others) > 5 else "")
            count = sum(self._frames[media] for media in others)
            yield f"{count} frames of media type {named} are not decoded"
        if self._left_out:
            names = ", ".join(sorted({NAMES[media] for media in self._left_out}))
            count = self._left_out.total()
            yield f"{count} frames of Network Monitor's own ({names}) are left out; it counts them, Wireshark and wireproof don't"
