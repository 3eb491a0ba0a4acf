"""DNS messages of printed questions and answers."""

from __future__ import annotations

import dns.message
import dns.rcode
import pytest

from tests.support.listed import packets_of
from wireproof.capture.listing.queries import fill_datagrams


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
