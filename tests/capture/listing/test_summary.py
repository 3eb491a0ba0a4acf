"""Network Monitor's frame summary."""

from __future__ import annotations

from wireproof.capture.listing.info import ABOVE, TCP
from wireproof.capture.listing.summary import read_summary


def test_a_segment_is_read_with_scale_and_names_of_ports() -> None:
    said = read_summary(
        "TCP",
        "TCP: [Bad CheckSum]Flags=......S., SrcPort=51763, DstPort=DCE endpoint resolution(135), PayloadLen=0, Seq=2250995253, Ack=0, "
        "Win=8192 ( Negotiating scale factor 0x8 ) = 8192 {TCP:861, IPv4:843}",
    )
    assert said is not None
    assert (said.kind, said.source_port, said.target_port, said.flags) == (TCP, 51763, 135, 2)
    assert (said.seq, said.ack, said.window, said.shift, said.payload) == (2250995253, None, 8192, 8, 0)


def test_a_number_left_in_the_ack_field_of_a_syn_is_kept() -> None:
    said = read_summary(
        "TCP", "TCP:Flags=......S., SrcPort=50357, DstPort=5061, PayloadLen=0, Seq=2232090326, Ack=2948578651, Win=8192"
    )
    assert said is not None
    assert said.ack == 2948578651


def test_a_message_of_another_protocol_came_over_tcp() -> None:
    said = read_summary("DCOM", "DCOM:RemoteCreateInstance Request, DCOM Version=5.7 {MSRPC:865, TCP:861, IPv4:843}")
    assert said is not None
    assert (said.kind, said.words) == (ABOVE, "RemoteCreateInstance Request, DCOM Version=5.7")
