"""Payloads by the length of frames."""

from __future__ import annotations

from tests.support.listed import packets_of
from wireproof.capture.listing.lengths import take_lengths


def test_headers_are_those_of_the_senders_other_frames() -> None:
    packets = packets_of("TCP 166 1 > 80 [ACK] Seq=1 Ack=1 Win=1 Len=100 TSval=1 TSecr=1", "HTTP 266 GET / HTTP/1.1")
    take_lengths(packets)
    assert packets[1].payload == 200


def test_a_frame_that_may_be_filled_up_tells_nothing() -> None:
    packets = packets_of("TCP 154 1 > 80 [ACK] Seq=1 Ack=1 Win=1 Len=100", "HTTP 60 Continuation")
    take_lengths(packets)
    assert packets[1].payload is None
