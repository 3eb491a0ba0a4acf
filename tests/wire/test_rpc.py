"""Connection-oriented DCE/RPC PDUs: headers, binds and their answers, heads of calls, whatever is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import dcom, rpc
from wireproof.wire.rpc import (
    HEADER_BYTES,
    unpack_auth,
    unpack_bind,
    unpack_bind_answer,
    unpack_bind_nak,
    unpack_call,
    unpack_header,
)

ORDERS = pytest.mark.parametrize("order", ["<", ">"])


@ORDERS
def test_the_header_tells_kind_size_and_call(order: str) -> None:
    data = rpc.request(0x01020304, 3, bytes(10), order)
    header = unpack_header(data)
    assert header is not None
    assert (header.name, header.size, header.call_id, header.order) == ("request", len(data), 0x01020304, order)


@pytest.mark.parametrize(
    ("at", "value"), [(0, 4), (1, 2), (2, 21), (4, 0x20), (8, 3)], ids=["version", "minor", "kind", "order", "size"]
)
def test_what_is_no_pdu_has_no_header(at: int, value: int) -> None:
    data = bytearray(rpc.bind(1, [rpc.EPM]))
    data[at : at + 1] = bytes((value,))
    if at == 8:
        data[9] = 0
    assert unpack_header(bytes(data)) is None


@ORDERS
def test_a_bind_lists_its_contexts(order: str) -> None:
    data = rpc.bind(1, [rpc.EPM, rpc.MAPI], order, syntaxes=(rpc.NDR, rpc.NDR64))
    header = unpack_header(data)
    assert header is not None
    bind = unpack_bind(data, header)
    assert bind is not None
    assert [(each.number, each.interface, each.version) for each in bind.contexts] == [
        (0, rpc.EPM, "3.0"),
        (1, rpc.MAPI, "3.0"),
    ]
    assert bind.contexts[0].syntaxes == (rpc.NDR, rpc.NDR64)


@ORDERS
def test_an_answer_tells_what_became_of_each_context(order: str) -> None:
    data = rpc.bind_answer(1, ((2, 2), (0, 0), (3, 0), (2, 1), (1, 9)), order)
    header = unpack_header(data)
    assert header is not None
    answer = unpack_bind_answer(data, header)
    assert answer is not None
    assert answer.secondary_address == "135"
    assert [result.text for result in answer.results] == [
        "provider_rejection: proposed_transfer_syntaxes_not_supported",
        "acceptance",
        "negotiate_ack",
        "provider_rejection: abstract_syntax_not_supported",
        "user_rejection: reason 9",
    ]
    assert [result.accepted for result in answer.results] == [False, True, False, False, False]


def test_a_bind_nak_tells_its_reason() -> None:
    data = rpc.bind_nak(1, 4)
    header = unpack_header(data)
    assert header is not None
    assert (len(data), unpack_bind_nak(data, header)) == (24, 4)


def test_a_stub_ends_before_padding_and_trailer() -> None:
    data = dcom.create_instance(3, "feee1975-b61e-42eb-b500-939ea5ee4b2a")
    header = unpack_header(data)
    assert header is not None
    call, auth = unpack_call(data, header), unpack_auth(data, header)
    assert call is not None
    assert auth is not None
    assert (call.context, call.opnum, call.end - call.begin) == (1, 4, 792)
    assert (auth.kind, auth.level, auth.padding) == (9, 5, 8)


def test_an_object_uuid_stands_before_the_stub() -> None:
    plain = rpc.request(1, 5, b"stub")
    data = bytearray(plain[:24] + rpc.pack_uuid(rpc.MAPI) + plain[24:])
    data[3] |= 0x80
    data[8] = len(data)
    header = unpack_header(bytes(data))
    assert header is not None
    call = unpack_call(bytes(data), header)
    assert call is not None
    assert (call.object, bytes(data[call.begin : call.end])) == (rpc.MAPI, b"stub")


def test_a_fault_tells_its_status() -> None:
    data = rpc.fault(7, 0x1C010002)
    header = unpack_header(data)
    assert header is not None
    call = unpack_call(data, header)
    assert call is not None
    assert (call.status, call.opnum) == (0x1C010002, -1)


@given(st.binary(max_size=120), st.sampled_from([0, 2, 3, 11, 12, 13, 14, 15]), st.sampled_from([0x00, 0x10]))
def test_any_bytes_behind_a_header_give_fields_or_nothing(body: bytes, kind: int, order: int) -> None:
    data = bytes((5, 0, kind, 3, order, 0, 0, 0)) + body
    header = unpack_header(data)
    if header is None:
        assert len(data) < HEADER_BYTES or header is None
        return
    for unpack in (unpack_bind, unpack_bind_answer, unpack_bind_nak, unpack_auth):
        unpack(data, header)
    call = unpack_call(data, header)
    assert call is None or call.begin <= call.end
