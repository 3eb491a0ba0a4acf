"""Protocol towers and the stubs of ept_map, in NDR and NDR64."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import rpc
from wireproof.wire.epm import NOT_REGISTERED, Tower, unpack_map_answer, unpack_map_request, unpack_tower

FORMS = pytest.mark.parametrize(
    ("order", "wide"), [("<", False), (">", False), ("<", True)], ids=["little", "big", "ndr64"]
)
NAMED = rpc.tower(rpc.MAPI, 41376, "10.11.2.7")


def test_a_tower_names_interface_sequence_port_and_address() -> None:
    assert len(NAMED) == 75
    assert unpack_tower(NAMED) == Tower(rpc.MAPI, "1.0", "ncacn_ip_tcp", "10.11.2.7", "41376", 41376)


@pytest.mark.parametrize(
    ("kind", "sequence"),
    [(rpc.TCP_FLOOR, "ncacn_ip_tcp"), (rpc.UDP_FLOOR, "ncadg_ip_udp"), (rpc.HTTP_FLOOR, "ncacn_http")],
)
def test_the_fourth_floor_tells_the_sequence(kind: int, sequence: str) -> None:
    tower = unpack_tower(rpc.tower(rpc.MAPI, 6004, kind=kind))
    assert tower is not None
    assert (tower.sequence, tower.port, tower.address) == (sequence, 6004, "0.0.0.0")


def test_a_pipe_is_named_as_text() -> None:
    floors = NAMED[2:59] + b"\1\0\x0f\x0c\0\\PIPE\\lsass\0" + b"\1\0\x11\6\0\\\\DC1\0"
    tower = unpack_tower(b"\5\0" + floors)
    assert tower is not None
    assert (tower.sequence, tower.endpoint, tower.address, tower.port) == ("ncacn_np", "\\PIPE\\lsass", "\\\\DC1", 0)


@FORMS
def test_a_request_tells_the_interface_that_is_asked_for(order: str, wide: bool) -> None:
    asked = unpack_map_request(rpc.map_request(rpc.NSPI, order, wide), order, wide=wide)
    assert asked is not None
    assert asked.interface == rpc.NSPI


@FORMS
@pytest.mark.parametrize("count", [0, 1, 4])
def test_an_answer_has_all_its_towers_and_the_status(order: str, wide: bool, count: int) -> None:
    towers = [rpc.tower(rpc.MAPI, 50000 + turn, f"10.0.0.{turn}") for turn in range(count)]
    answer = unpack_map_answer(rpc.map_answer(towers, NOT_REGISTERED, order, wide), order, wide=wide)
    assert answer is not None
    assert [(tower.address, tower.port) for tower in answer.towers] == [
        (f"10.0.0.{turn}", 50000 + turn) for turn in range(count)
    ]
    assert answer.status == NOT_REGISTERED


def test_the_articles_answer_has_its_size() -> None:
    assert (len(rpc.map_request(rpc.MAPI)), len(rpc.map_answer([NAMED]))) == (132, 128)


def test_what_is_cut_keeps_the_towers_before_the_cut() -> None:
    stub = rpc.map_answer([NAMED, rpc.tower(rpc.MAPI, 1)])
    answer = unpack_map_answer(stub[:140], "<")
    assert answer is not None
    assert ([tower.port for tower in answer.towers], answer.status) == ([41376], -1)


@given(st.binary(max_size=300), st.booleans(), st.sampled_from("<>"))
def test_any_bytes_give_an_answer_or_nothing(stub: bytes, wide: bool, order: str) -> None:
    unpack_map_request(stub, order, wide=wide)
    answer = unpack_map_answer(stub, order, wide=wide)
    assert answer is None or len(answer.towers) <= len(stub) // 2


@given(st.integers(0, 74), st.integers(0, 255))
def test_a_changed_byte_never_breaks_a_tower(at: int, value: int) -> None:
    unpack_tower(NAMED[:at] + bytes((value,)) + NAMED[at + 1 :])
