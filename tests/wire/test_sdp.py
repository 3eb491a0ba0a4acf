"""Session descriptions: the forms of candidates that are in use, default addresses, and lines in any order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d9_desktop_sharing import OFFER
from wireproof.wire.sdp import CANDIDATES_MOST, MEDIA_MOST, Candidate, normal_address, unpack_candidate, unpack_sdp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 1 UDP 2130706431 10.0.1.1 8998 typ host", Candidate(1, "udp", "10.0.1.1", 8998, "host")),
        (
            "2 2 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998",
            Candidate(2, "udp", "192.0.2.3", 45664, "srflx", "", "10.0.1.1", 8998),
        ),
        ("1 1 TCP 2128609279 10.0.1.1 9 typ host tcptype active", Candidate(1, "tcp", "10.0.1.1", 9, "host", "active")),
        (
            "3 1 TCP-PASS 6556159 2.2.2.2 58138 typ relay raddr 10.98.2.1 rport 13211 ",
            Candidate(1, "tcp", "2.2.2.2", 58138, "relay", "passive", "10.98.2.1", 13211),
        ),
        ("2 1 TCP-ACT 2121006591 10.98.2.1 18574 typ host", Candidate(1, "tcp", "10.98.2.1", 18574, "host", "active")),
        (
            "gDQzD8fJnPSLZ+bHuZ3l1BtQ6nBeIBVx2xzoQQ2SMfo 1 vDk1QcVAz4fb2TzT8Q== UDP 0.830 192.168.1.2 50008",
            Candidate(1, "udp", "192.168.1.2", 50008),
        ),
        ("1 1 udp 1 2001:DB8:0::1 5000 typ host generation 0", Candidate(1, "udp", "2001:db8::1", 5000, "host")),
        ("1 1 udp 1 a8b3.local 5000 typ host", Candidate(1, "udp", "a8b3.local", 5000, "host")),
    ],
)
def test_candidates_of_every_form(text: str, expected: Candidate) -> None:
    assert unpack_candidate(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1 1 UDP", "1 1 SCTP 1 10.0.0.1 5000 typ host", "1 x UDP 1 10.0.0.1 5000 typ host", "1 1 UDP 1 h 99999"],
)
def test_what_is_no_candidate(text: str) -> None:
    assert unpack_candidate(text) is None


def test_the_offer_of_the_desktop_sharing_case() -> None:
    (media,) = unpack_sdp(OFFER.replace("\n", "\r\n"))
    assert (media.kind, media.transport, media.address, media.port, media.ufrag) == (
        "applicationsharing",
        "tcp",
        "2.2.2.2",
        58138,
        "PFb1",
    )
    assert [candidate.kind for candidate in media.addresses] == [
        "default",
        "host",
        "host",
        "host",
        "host",
        "relay",
        "relay",
    ]


def test_the_order_of_lines_and_where_the_address_stands_do_not_matter() -> None:
    text = "v=0\nc=IN IP4 192.0.2.1/127\nm=audio 5000/2 RTP/AVP 0\na=sendonly\n"
    text += "m=video 6000 RTP/AVP 31\na=candidate:1 1 UDP 1 10.0.0.1 6000\nc=IN IP6 2001:db8::7\n"
    audio, video = unpack_sdp(text)
    assert (audio.address, audio.port, audio.direction) == ("192.0.2.1", 5000, "sendonly")
    assert (video.address, len(video.candidates), video.direction) == ("2001:db8::7", 1, "sendrecv")


def test_a_refused_section_has_no_addresses() -> None:
    assert unpack_sdp("c=IN IP4 1.2.3.4\nm=audio 0 RTP/AVP 0\na=candidate:1 1 UDP 1 10.0.0.1 6000\n")[0].addresses == ()


def test_what_is_stated_without_end_is_bounded() -> None:
    many = unpack_sdp("m=audio 5000 RTP/AVP 0\n" * 900 + "a=candidate:1 1 UDP 1 10.0.0.1 6000\n" * 3000)
    assert len(many) == MEDIA_MOST
    assert (
        len(unpack_sdp("m=audio 5000 RTP/AVP 0\n" + "a=candidate:1 1 UDP 1 10.0.0.1 6000\n" * 3000)[0].candidates)
        == CANDIDATES_MOST
    )
    assert normal_address("X" * 9000) == "x" * 255


@given(st.text(max_size=300))
def test_any_text_gives_media_with_ports_that_exist(text: str) -> None:
    for data in (text, "m=audio 5000 RTP/AVP 0\n" + text, "m=audio 1 RTP/AVP 0\na=candidate:" + text):
        assert all(0 <= candidate.port < 65536 for media in unpack_sdp(data) for candidate in media.addresses)
