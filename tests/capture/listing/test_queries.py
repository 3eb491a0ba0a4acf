"""DNS messages of printed questions and answers."""

from __future__ import annotations

import dns.message
import dns.rcode
import pytest

from tests.support.listed import packets_of
from wireproof.capture.listing.queries import fill_datagrams, has_known_port


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("DNS Standard query A UAGDAServer-FQDN", "<DNS Standard query response A 1.1.1.2"),
        (
            "DNS Standard query 0x1a2b A UAGDAServer-FQDN",
            "<DNS Standard query response 0x1a2b A UAGDAServer-FQDN A 1.1.1.2",
        ),
    ],
)
def test_an_answer_belongs_to_its_question(question: str, answer: str) -> None:
    packets = packets_of(question, answer)
    fill_datagrams(packets)
    asked, answered = (dns.message.from_wire(packet.data) for packet in packets)
    assert asked.is_response(answered)
    assert [str(record) for record in answered.answer[0]] == ["1.1.1.2"]
    assert packets[0].ends == packets[1].ends[::-1]


def test_a_name_that_does_not_exist_says_so() -> None:
    packets = packets_of(
        "DNS Standard query 0x0001 A no.example", "<DNS Standard query response 0x0001 No such name A no.example"
    )
    fill_datagrams(packets)
    assert dns.message.from_wire(packets[1].data).rcode() == dns.rcode.NXDOMAIN


def test_an_answer_without_its_question_stays_without_bytes() -> None:
    (packet,) = packets_of("<DNS Standard query response A 1.1.1.2")
    fill_datagrams([packet])
    assert packet.data == b""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("NTP NTP Version 4, client", "<NTP NTP Version 4, server"),
        ("RADIUS Access-Request id=7", "<RADIUS Access-Accept id=7"),
        ("STUN Binding Request", "<STUN Binding Success Response"),
        ("CLDAP searchRequest(1)", "<CLDAP searchResEntry(1)"),
    ],
)
def test_both_directions_of_a_service_without_ports_are_one_conversation(question: str, answer: str) -> None:
    packets = packets_of(question, answer, question)
    assert fill_datagrams(packets) == 3
    assert packets[0].ends == packets[1].ends[::-1] == packets[2].ends


def test_a_port_that_a_protocol_does_not_have_is_not_known() -> None:
    stun, ntp, printed = packets_of("STUN Binding Request", "NTP NTP Version 4, client", "UDP 5000 > 6000 Len=8")
    fill_datagrams([stun, ntp, printed])
    assert [has_known_port(packet) for packet in (stun, ntp, printed)] == [False, True, True]
    assert stun.said.target_port != 3478
