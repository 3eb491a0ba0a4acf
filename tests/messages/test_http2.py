"""HTTP/2 messages, from connections that the library h2 speaks at both ends."""

from __future__ import annotations

from pathlib import Path

import h2.config
import h2.connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.said_over import opened, said
from wireproof.messages.http_message import HttpMessage
from wireproof.messages.said import Said

ASKED = [
    (":method", "GET"),
    (":path", "/a"),
    (":scheme", "https"),
    (":authority", "www.example.com"),
    ("user-agent", "t"),
]


class Both:
    """Client and server in memory. `lines` is what each sent."""

    def __init__(self) -> None:
        self.ends = {
            by: h2.connection.H2Connection(h2.config.H2Configuration(client_side=by == "client"))
            for by in ("client", "server")
        }
        self.lines: list[tuple[str, bytes]] = []
        for by in ("client", "server"):
            self.ends[by].initiate_connection()
            self.carry(by)

    def carry(self, by: str) -> None:
        """What one side has to say goes to the other."""
        data = self.ends[by].data_to_send()
        self.lines.append((by, data))
        self.ends["server" if by == "client" else "client"].receive_data(data)

    def ask(self, stream: int, path: str = "/a", body: bytes = b"", **more: str) -> None:
        fields = [(name, path if name == ":path" else value) for name, value in ASKED] + list(more.items())
        self.ends["client"].send_headers(stream, fields, end_stream=not body)
        if body:
            self.ends["client"].send_data(stream, body, end_stream=True)
        self.carry("client")

    def answer(self, stream: int, status: str, body: bytes = b"", kind: str = "text/plain") -> None:
        fields = [(":status", status), ("content-type", kind), ("server", "nginx")]
        self.ends["server"].send_headers(stream, fields, end_stream=not body)
        if body:
            self.ends["server"].send_data(stream, body, end_stream=True)
        self.carry("server")


def messages(folder: Path, lines: list[tuple[str, bytes]], size: int = 1400) -> list[HttpMessage]:
    with opened(folder, said([(by, data) for by, data in lines if data], size=size)) as tables:
        return list(Said(tables).http)


def test_requests_and_responses_are_told_and_paired_by_stream(tmp_path: Path) -> None:
    both = Both()
    both.ask(1, "/first")
    both.ask(3, "/second", body=b"x" * 5000)
    both.answer(3, "403", b"no entry")
    both.answer(1, "200", b"hello")
    found = messages(tmp_path, both.lines)
    requests = {m.target: m for m in found if m.kind == "request"}
    responses = {m.target: m for m in found if m.kind == "response"}
    assert set(requests) == set(responses) == {"/first", "/second"}
    assert {m.version for m in found} == {"2"}
    assert requests["/second"].body_bytes == 5000
    assert (requests["/second"].host, requests["/second"].user_agent) == ("www.example.com", "t")
    refused = responses["/second"]
    assert (refused.status, refused.text, refused.server, refused.host) == (403, "no entry", "nginx", "www.example.com")
    assert refused.request_row == requests["/second"].row
    assert requests["/first"].answer_row == responses["/first"].row
    assert not any(m.cut for m in found)


def test_a_sub_status_in_an_error_page_is_read(tmp_path: Path) -> None:
    both = Both()
    both.ask(1)
    both.answer(1, "403", b"<title>IIS 10.0 Detailed Error - 403.7 - Forbidden</title>", "text/html")
    (response,) = [m for m in messages(tmp_path, both.lines) if m.status]
    assert response.status_text == "403.7"


def test_an_interim_response_leaves_the_stream_open(tmp_path: Path) -> None:
    both = Both()
    both.ask(1)
    both.ends["server"].send_headers(1, [(":status", "103"), ("link", "</a.css>")])
    both.carry("server")
    both.answer(1, "200", b"x")
    found = messages(tmp_path, both.lines)
    assert [m.status for m in found if m.status] == [103, 200]
    (request,) = [m for m in found if m.kind == "request"]
    assert request.answer_row == next(m.row for m in found if m.status == 200)


def test_a_head_over_several_frames_is_one(tmp_path: Path) -> None:
    both = Both()
    both.ask(1, **{f"x-field-{n}": f"{n}" * 2000 for n in range(10)})
    (request,) = messages(tmp_path, both.lines)
    assert request.target == "/a"
    assert request.last_row > request.row


def test_a_response_that_never_ends_is_cut(tmp_path: Path) -> None:
    both = Both()
    both.ask(1)
    both.ends["server"].send_headers(1, [(":status", "200")])
    both.carry("server")
    assert [m.cut for m in messages(tmp_path, both.lines)] == [False, True]


def test_behind_a_lost_head_no_more_of_that_side_is_told(tmp_path: Path) -> None:
    both = Both()
    both.ask(1)
    both.answer(1, "200", b"x")
    lost = len(both.lines)
    both.ask(3, "/lost")
    both.answer(3, "404")
    both.ask(5, "/after")
    frames = said([(by, data) for by, data in both.lines if data])
    at = [place for place, frame in enumerate(frames) if len(both.lines[lost][1]) and both.lines[lost][1] in frame]
    with opened(tmp_path, [frame for place, frame in enumerate(frames) if place not in at]) as tables:
        found = list(Said(tables).http)
    assert [m.target for m in found if m.kind == "request"] == ["/a"]
    # The server's frames are whole: its answer to what was lost is still told.
    assert [m.status for m in found if m.status] == [200, 404]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_frames_do_no_harm(tmp_path: Path, data: st.DataObject) -> None:
    both = Both()
    both.ask(1, body=b"y" * 50)
    both.answer(1, "500", b"<p>500.19</p>", "text/html")
    lines = []
    for by, sent in both.lines:
        broken = bytearray(sent)
        for at in data.draw(st.lists(st.integers(24 if not lines else 0, max(len(broken) - 1, 24)), max_size=3)):
            if at < len(broken):
                broken[at] = data.draw(st.integers(0, 255))
        lines.append((by, bytes(broken)))
    assert len(messages(tmp_path, lines)) < 20
