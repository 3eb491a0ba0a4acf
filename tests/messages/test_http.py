"""The table of HTTP messages: requests and responses of whole connections, paired."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import SECOND, Frame
from tests.support.packets import TCP, UDP, Ethernet, IPv4
from tests.support.verdicts import make_case
from tests.support.web import play, request, response, steps, web_case
from wireproof.messages.http_message import HttpMessage

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


def messages(folder: Path, *texts: bytes) -> list[HttpMessage]:
    """The HTTP messages of one conversation."""
    return list(web_case(folder, *texts).points[0].said.http)


def test_a_response_knows_its_request_and_how_long_it_took(tmp_path: Path) -> None:
    asked, answered = messages(tmp_path, request("/a", "User-Agent: curl"), response(body=b"hello"))
    assert (asked.kind, asked.method, asked.target, asked.host, asked.user_agent) == (
        "request",
        "GET",
        "/a",
        "www.example.com",
        "curl",
    )
    assert (answered.kind, answered.status, answered.reason, answered.body_bytes) == ("response", 200, "OK", 5)
    assert (answered.method, answered.target, answered.host) == ("GET", "/a", "www.example.com")
    assert (answered.request_row, asked.answer_row) == (asked.row, answered.row)
    assert 15_000_000 <= answered.wait_ns < 15_100_000  # two ways of 5 ms and 5 ms of thought
    assert not (asked.cut)
    assert not (answered.cut)


def test_messages_that_share_a_connection_are_paired_in_order(tmp_path: Path) -> None:
    found = messages(
        tmp_path, request("/1") + request("/2"), response("404 Not Found"), request("/3"), response(), request("/4")
    )
    pairs = [(message.target, message.status) for message in found if message.kind == "response"]
    assert pairs == [("/1", 404), ("/2", 200)]
    assert [message.answer_row >= 0 for message in found if message.kind == "request"] == [True, True, False, False]


def test_a_head_and_a_body_over_several_segments_are_one_message(tmp_path: Path) -> None:
    long = "X-Long: " + "y" * 3000
    asked, answered = messages(
        tmp_path, request("/a", long, method="POST", body=b"z" * 4000), response(body=b"x" * 9000)
    )
    assert (asked.body_bytes, asked.last_row > asked.row, asked.end) == (4000, True, asked.body_at + 4000)
    assert (answered.body_bytes, answered.last_row - answered.row >= 6) == (9000, True)


def test_interim_responses_leave_the_request_open(tmp_path: Path) -> None:
    found = messages(
        tmp_path, request(method="POST", body=b"abc"), b"HTTP/1.1 100 Continue\r\n\r\n" + response("201 Created")
    )
    assert [(message.status, message.method) for message in found[1:]] == [(100, "POST"), (201, "POST")]
    assert found[0].answer_row == found[2].row


def test_chunks_end_where_the_last_one_says_so(tmp_path: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\n"
    found = messages(tmp_path, request("/1") + request("/2"), chunked + response("204 No Content", body=b""))
    assert [(m.status, m.body_bytes, m.chunked, m.cut) for m in found if m.status] == [
        (200, 11, True, False),
        (204, 0, False, False),
    ]
    assert next(message.text for message in found if message.status).startswith("hello")


def test_a_response_to_head_has_no_body_whatever_length_it_states(tmp_path: Path) -> None:
    bare = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    found = messages(tmp_path, request("/1", method="HEAD") + request("/2"), bare + response())
    assert [(m.method, m.status, m.body_bytes, m.content_length) for m in found if m.status] == [
        ("HEAD", 200, 0, 5000),
        ("GET", 200, 5, 5),
    ]


def test_behind_a_tunnel_nothing_is_read_as_http(tmp_path: Path) -> None:
    found = messages(
        tmp_path,
        request("mail:25", method="CONNECT", host="mail:25"),
        response("200 Go", body=b"").replace(b"Content-Length: 0\r\n", b""),
        b"EHLO x\r\n",
        b"250 ok\r\n",
    )
    assert [(message.kind, message.status) for message in found] == [("request", 0), ("response", 200)]


def test_an_endless_body_is_as_long_as_what_was_captured(tmp_path: Path) -> None:
    asked = b"POST /IPHTTPS HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n" + b"`" * 40
    (found,) = messages(tmp_path, asked)
    assert (found.content_length, found.body_bytes, found.cut) == (2**63 - 1, 40, True)


def test_the_preface_of_http_2_is_no_request(tmp_path: Path) -> None:
    assert not messages(tmp_path, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")


def test_behind_lost_segments_the_next_message_is_found(tmp_path: Path) -> None:
    captured = play(steps(request("/1"), response(body=b"x" * 5000), request("/2"), response("503 Busy")))["client"]
    big = [place for place, frame in enumerate(captured) if len(frame.data) > 1400]
    lost = {big[1], big[2]}
    case = make_case(tmp_path, {"client": [frame for place, frame in enumerate(captured) if place not in lost]})
    found = [(m.kind, m.target, m.status, m.cut) for m in case.points[0].said.http]
    assert found == [
        ("request", "/1", 0, False),
        ("response", "/1", 200, True),
        ("request", "/2", 0, False),
        ("response", "/2", 503, False),
    ]


def test_a_response_before_any_request_answers_none(tmp_path: Path) -> None:
    frames = [
        Frame(
            SECOND,
            bytes(
                Ethernet(
                    *MACS,
                    IPv4("10.1.1.2", "10.1.1.1", TCP(80, 5000, 100, 7, "PA", payload=response("408 Request Timeout"))),
                )
            ),
        ),
        Frame(
            2 * SECOND,
            bytes(Ethernet(*MACS, IPv4("10.1.1.1", "10.1.1.2", TCP(5000, 80, 7, 150, "PA", payload=request("/late"))))),
        ),
    ]
    late, asked = make_case(tmp_path, {"client": frames}).points[0].said.http
    assert (late.status, late.request_row, late.wait_ns) == (408, -1, -1)
    assert asked.answer_row == -1


def test_ssdp_messages_are_one_a_datagram(tmp_path: Path) -> None:
    search = b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n"
    frames = [
        Frame(SECOND * turn, bytes(Ethernet(*MACS, IPv4("10.1.1.1", "239.255.255.250", UDP(5000, 1900, search)))))
        for turn in (1, 2)
    ]
    found = make_case(tmp_path, {"client": frames}).points[0].said.http
    assert [(message.method, message.target, message.row) for message in found] == [
        ("M-SEARCH", "*", 0),
        ("M-SEARCH", "*", 1),
    ]
