"""SMB 2 headers, bodies and compounds; sessions are measured by their own length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.smb_talks import (
    FILE_ID,
    RELATED,
    answer,
    chained,
    close,
    connect,
    create,
    created,
    negotiate,
    negotiated,
    read,
    read_back,
    session,
    set_up,
    setup,
    smb1_negotiate,
    smb2,
    write,
)
from wireproof.wire.smb import Body, Header, command_name, find_headers, measure_session, unpack_body


def bodies(message: bytes) -> list[tuple[Header, Body]]:
    data = message[4:]
    return [(header, unpack_body(data, header)) for header in find_headers(data)]


def only(message: bytes) -> tuple[Header, Body]:
    ((header, body),) = bodies(message)
    return header, body


def test_a_header_tells_command_status_and_numbers() -> None:
    header, _ = only(answer(5, 9, status=0xC0000022, tree=5, sid=0x77))
    assert (command_name(header.command), header.status, header.is_response) == ("CREATE", 0xC0000022, True)
    assert (header.message, header.tree, header.session) == (9, 5, 0x77)


def test_a_request_has_no_status() -> None:
    header, _ = only(session(smb2(5, 1, bytes(56), status=0x1234)))
    assert (header.status, header.is_response) == (0, False)


def test_an_interim_response_has_its_number_in_place_of_the_tree() -> None:
    header, _ = only(answer(15, 4, status=0x103, flags=2, tree=6))
    assert (header.tree, header.async_id >> 32) == (0, 6)


def test_dialects_are_offered_and_agreed() -> None:
    assert only(negotiate(dialects=(0x0202, 0x0210, 0x0311)))[1].dialects == (0x0202, 0x0210, 0x0311)
    assert only(negotiated(dialect=0x0302))[1].dialects == (0x0302,)


def test_tokens_are_found_by_their_offset() -> None:
    assert only(setup(1, b"token"))[1].token == b"token"
    assert only(set_up(1, b"reply", 0xC0000016))[1].token == b"reply"
    assert only(set_up(1, b"", 0xC000006D))[1].token == b""


def test_paths_and_names_are_text() -> None:
    assert only(connect(2, "\\\\srv\\IPC$"))[1].name == "\\\\srv\\IPC$"
    assert only(session(create(3, "pröfile.txt")))[1] == Body(name="pröfile.txt", access=0x12019F)


def test_files_are_told_by_their_identifier() -> None:
    assert only(created(3))[1].file == only(session(close(4)))[1].file == only(read(5))[1].file == FILE_ID


def test_data_of_reads_and_writes_are_placed() -> None:
    for message in (write(6, b"payload"), read_back(6, b"payload")):
        _, body = only(message)
        assert message[4:][body.data_at : body.data_at + body.data_size] == b"payload"


def test_a_compound_gives_each_of_its_messages() -> None:
    found = bodies(chained(create(1, "a"), close(2, b"\xff" * 16, flags=RELATED), close(3)))
    assert [(header.command, header.message) for header, _ in found] == [(5, 1), (6, 2), (6, 3)]


def test_a_compound_that_points_nowhere_ends() -> None:
    data = smb2(5, 1, bytes(60), next_at=7)
    assert len(list(find_headers(data))) == 1
    looping = b"".join(smb2(6, n, bytes(24), next_at=88) for n in range(500))
    assert len(list(find_headers(looping))) == 128


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (negotiate()[:16], len(negotiate())),
        (smb1_negotiate("NT LM 0.12")[:16], len(smb1_negotiate("NT LM 0.12"))),
        (b"\x81\0\0\x44 CKF", 72),
        (b"\x85\0\0\0", 4),
        (b"\0\0\1\0\xfeSMX", None),
        (b"\x07\0\0\1abcd", None),
        (b"\0\0", None),
    ],
)
def test_a_session_message_is_measured_by_its_own_length(head: bytes, size: int | None) -> None:
    assert measure_session(head) == size


@given(
    st.binary(max_size=120),
    st.integers(0, 150),
    st.sampled_from([create(1, "abc"), smb2(1, 1, b"\x19" + bytes(40)), smb2(9, 1, bytes(50))]),
)
def test_any_bytes_give_bodies_that_lie_within_them(noise: bytes, at: int, whole: bytes) -> None:
    for data in (noise, whole[:at] + noise, whole[:at] + noise + whole[at + len(noise) :]):
        for header in find_headers(data):
            body = unpack_body(data, header)
            assert header.end <= len(data)
            assert len(body.name) <= 1024
