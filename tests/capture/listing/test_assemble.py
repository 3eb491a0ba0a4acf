"""Listings from plain text: any text does no harm, and damage costs no more than what it damages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.listings import ARP, EDGE, IPHTTPS, OUTLOOK, RPC, SCCM, SMTP, TLS, TSO
from wireproof.capture.listing.assemble import Finished, assemble
from wireproof.capture.listing.decode import flatten

TEXTS = (SCCM, SMTP, EDGE, TSO, ARP, IPHTTPS, TLS, OUTLOOK, RPC)


def sound(found: list[Finished]) -> bool:
    """Whether every listing has frames, and as many numbers, times and lengths as it has frames."""
    return all(
        0 < len(one.frames) == len(one.numbers) == len(one.times) == len(one.lengths)
        and all(len(frame) <= length for frame, length in zip(one.frames, one.lengths, strict=True))
        and one.numbers == sorted(one.numbers)
        for one in found
    )


@given(st.text(max_size=400))
def test_any_text_does_no_harm(text: str) -> None:
    assert sound(assemble(flatten(text)))


@settings(max_examples=150)
@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 80), st.text(max_size=12)), max_size=12),
)
def test_damaged_listings_do_no_harm(text: str, cuts: list[tuple[int, int, str]]) -> None:
    for at, length, put in cuts:
        text = text[:at] + put + text[at + length :]
    assert sound(assemble(flatten(text)))


@given(st.sampled_from(TEXTS), st.integers(0, 3000), st.text("0123456789", min_size=1, max_size=24))
def test_numbers_beyond_any_bound_do_no_harm(text: str, at: int, digits: str) -> None:
    assert sound(assemble(text[:at] + digits + text[at:]))


FLOODS = (
    "9",
    "f",
    "1 0.5 ",
    "- ",
    ":",
    "[",
    " > ",
    "\n",
    "&gt;",
    "> ",
    "<td>",
    "10.0.0.1 ",
    "Frame 1: ",
    "+ Tree: x\n",
    "Floor 5 IP:10.0.0.1\n",
)
"""What a damaged or hostile text may hold thousands of: more digits than `int` takes, lines without an end, trees without a bottom."""


@settings(max_examples=60)
@given(st.sampled_from(TEXTS), st.integers(0, 3000), st.sampled_from(FLOODS), st.integers(1, 6000))
def test_floods_of_any_kind_do_no_harm(text: str, at: int, piece: str, times: int) -> None:
    assert sound(assemble(flatten(text[:at] + piece * times + text[at:])))


@pytest.mark.parametrize("piece", ["9", "f", "1 0.5 ", "- ", ":", "[", "10.0.0.1 ", "Frame 1: "])
def test_a_listing_is_read_beside_a_line_of_any_length(piece: str) -> None:
    alone, beside = assemble(flatten(SCCM)), assemble(flatten(f"{SCCM}\n{piece * 50_000}\n"))
    assert [one.numbers for one in alone] == [one.numbers for one in beside]


@pytest.mark.parametrize("text", TEXTS)
def test_quoting_does_not_change_what_is_read(text: str) -> None:
    quoted = "\n".join(f"> > {line}" for line in text.splitlines())
    assert [one.frames for one in assemble(flatten(quoted))] == [one.frames for one in assemble(flatten(text))]


def test_what_a_listing_leaves_open_is_told() -> None:
    client, server = assemble(SCCM)
    assert (
        "a listing of 13 packets in the words of Wireshark, with number, seconds, addresses, protocol, summary"
        in client.notes[0]
    )
    assert client.unknown >= {"ttl", "ip_id", "sequence_shift"}
    assert server.numbers == [13587, 13588, 13591, 13598, 13611, 13612, 30509]
    assert "no date" not in client.notes[1]


def test_a_dumped_frame_counts_from_where_the_listing_does() -> None:
    (one,) = assemble(TSO)
    assert one.numbers[6] == 8852
    assert one.frames[6][16:18] == b"\0\0"
    assert one.frames[7][42:46] == (0x5283A3F2 + 2580).to_bytes(4, "big")


@pytest.mark.parametrize("clock", ["10:12:01", "10:12:01 AM"])
def test_a_date_that_may_be_another_is_told(clock: str) -> None:
    line = (
        "1 {} {} 10.0.0.1 10.0.0.2 TCP TCP:Flags=......S., SrcPort=1, DstPort=2, PayloadLen=0, Seq=1, Ack=0, Win=8192\n"
    )
    (open_one,) = assemble(line.format(clock, "2/7/2023"))
    (sure,) = assemble(line.format(clock, "2/27/2023"))
    assert "2/7/2023 is taken as month first" in "\n".join(open_one.notes)
    assert "month first" not in "\n".join(sure.notes)


def test_a_port_column_tells_the_ports_of_datagrams() -> None:
    heading = "No. Time Source Destination Protocol Source Port Destination Port Info"
    (one,) = assemble(f"{heading}\n1 0.5 10.0.0.1 10.0.0.2 NTP 50001 123 NTP Version 4, client\n")
    assert one.frames[0][34:38] == (50001).to_bytes(2, "big") + (123).to_bytes(2, "big")
