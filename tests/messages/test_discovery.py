"""WS-Discovery datagrams and WSDAPI bodies."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.support.files import SECOND, Frame
from tests.support.packets import UDP, Ethernet, IPv4
from tests.support.verdicts import make_case
from tests.support.web import request, response, web_case
from wireproof.messages.discovery import unpack_soap

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery/"


def soap(action: str, **elements: str) -> bytes:
    """A SOAP message with these elements."""
    inner = "".join(f"<wsa:{name}>{text}</wsa:{name}>" for name, text in elements.items())
    return (
        '<?xml version="1.0"?><soap:Envelope xmlns:soap="x"><soap:Header>'
        f"<wsa:Action>{action}</wsa:Action><wsa:ReplyTo><wsa:Address>http://x/role/anonymous</wsa:Address></wsa:ReplyTo>"
        f"{inner}</soap:Header></soap:Envelope>"
    ).encode()


def test_a_probe_and_its_match_are_told_apart(tmp_path: Path) -> None:
    probe = soap(DISCOVERY + "Probe", MessageID="urn:uuid:1", Types="wsdp:Device")
    match = soap(
        DISCOVERY + "ProbeMatches",
        RelatesTo="urn:uuid:1",
        Address="urn:uuid:printer",
        XAddrs="http://10.1.1.7:5357/a http://[fe80::7]:5357/a",
    )
    frames = [
        Frame(SECOND, bytes(Ethernet(*MACS, IPv4("10.1.1.9", "239.255.255.250", UDP(5000, 3702, probe))))),
        Frame(2 * SECOND, bytes(Ethernet(*MACS, IPv4("10.1.1.7", "10.1.1.9", UDP(3702, 5000, match))))),
    ]
    asked, answered = make_case(tmp_path, {"client": frames}).points[0].said.discovery
    assert (asked.kind, asked.over, asked.types, asked.message_id, asked.address) == (
        "Probe",
        "udp",
        "wsdp:Device",
        "urn:uuid:1",
        "",
    )
    assert (answered.kind, answered.relates_to, answered.address) == ("ProbeMatches", "urn:uuid:1", "urn:uuid:printer")
    assert answered.addresses == ("http://10.1.1.7:5357/a", "http://[fe80::7]:5357/a")


def test_soap_bodies_over_http_are_read_too(tmp_path: Path) -> None:
    kind = "Content-Type: application/soap+xml"
    get = soap("http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", MessageID="urn:uuid:2")
    case = web_case(
        tmp_path,
        request("/a", kind, method="POST", body=get),
        response("200 OK", kind, body=soap("http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse")),
        port=5357,
    )
    assert [(message.kind, message.over) for message in case.points[0].said.discovery] == [
        ("Get", "http"),
        ("GetResponse", "http"),
    ]


def test_other_bodies_are_passed_over(tmp_path: Path) -> None:
    case = web_case(
        tmp_path, request(), response("200 OK", "Content-Type: application/soap+xml", body=b"<a>no action</a>")
    )
    assert len(case.points[0].said.discovery) == 0


@given(st.binary(max_size=200) | st.text("<>:/ Action", max_size=200).map(str.encode))
def test_any_bytes_give_elements_or_none(data: bytes) -> None:
    found = unpack_soap(data)
    assert not found or found["Action"]
