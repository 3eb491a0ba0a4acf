"""Endpoint maps and activations that a listing tells in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import d11_outlook, d15_rpc
from tests.support.listings import OUTLOOK, RPC
from tests.support.printed import print_listing
from wireproof.capture.frames import Tree
from wireproof.conversations import read_capture
from wireproof.messages.rpc import RpcMessage
from wireproof.messages.rpc_told import read_trees
from wireproof.messages.said import Said

MONITOR = """178 14:42:47 05.09.2012 34.03 10.9.0.13 10.9.0.10 EPM EPM:Request: ept_map: NDR, DRSR(DRSR) {E3514235-4B06-11D1-AB04-00C04FC2DCD2} v4.0, RPC v5, 0.0.0.0:135 (0x87) [DCE endpoint resolution(135)]
180 14:42:47 05.09.2012 34.04 10.9.0.10 10.9.0.13 EPM EPM:Response: ept_map: NDR, DRSR(DRSR) {E3514235-4B06-11D1-AB04-00C04FC2DCD2} v4.0, RPC v5, 10.9.0.10:49664 (0xC200) [49664]
- Epm: Response: ept_map: NDR, DRSR(DRSR) {E3514235-4B06-11D1-AB04-00C04FC2DCD2} v4.0, RPC v5, 10.9.0.10:49664 (0xC200) [49664]
   + Tower: NDR, DRSR(DRSR) {E3514235-4B06-11D1-AB04-00C04FC2DCD2} v4.0, RPC v5, 10.9.0.10:49671 (0xC207) [49671]
"""  # noqa: E501 - as printed


def told(folder: Path, text: str) -> list[RpcMessage]:
    file = folder / "ticket.txt"
    file.write_text(text, encoding="utf-8")
    with (tables := read_capture(file)).capture:
        return list(Said(tables).rpc)


def test_a_map_is_read_from_its_tree_with_the_line_of_the_address(tmp_path: Path) -> None:
    asked, answer = told(tmp_path, OUTLOOK)
    assert (asked.kind, asked.operation, asked.service_name) == ("request", "ept_map", "MAPI")
    assert (answer.addresses, answer.ports, answer.service) == (("10.11.2.7",), (41376,), asked.service)
    assert answer.request_row == asked.row
    assert OUTLOOK.splitlines()[answer.line - 1] == "Floor 5 IP:10.11.2.7"


def test_an_activation_is_read_with_class_and_bindings(tmp_path: Path) -> None:
    asked, answer = told(tmp_path, RPC)
    assert (asked.service_name, answer.operation, answer.service_name) == ("WMI", "RemoteCreateInstance", "WMI")
    tcp = [place for place in answer.places if place.sequence == "ncacn_ip_tcp"]
    assert [(place.address, place.port) for place in tcp] == [("CLIENTNAME", 1431), ("10.102.0.230", 1431)]
    assert {place.sequence for place in answer.places} == {"ncacn_np", "ncacn_ip_tcp"}


def test_towers_of_network_monitor_are_read(tmp_path: Path) -> None:
    asked, answer = told(tmp_path, MONITOR)
    assert asked.ports == ()
    assert answer.service_name == "DRSUAPI"
    assert [(place.address, place.port) for place in answer.places] == [("10.9.0.10", 49664), ("10.9.0.10", 49671)]


def test_prose_names_no_endpoint(tmp_path: Path) -> None:
    prose = OUTLOOK.replace("Floor ", "floor of a house ").replace("Endpoint Mapper", "something")
    assert all(not message.places for message in told(tmp_path, prose))


@settings(max_examples=60)
@given(
    st.sampled_from((OUTLOOK, RPC, MONITOR)),
    st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 60), st.text(max_size=12)), max_size=10),
    st.sampled_from("9:.[({"),
    st.integers(0, 6000),
)
def test_damaged_trees_do_no_harm(text: str, cuts: list[tuple[int, int, str]], piece: str, times: int) -> None:
    for at, length, put in cuts:
        text = text[:at] + put + text[at + length :]
    tree = Tree("ticket.txt", 1, text + piece * times)
    for told_ in read_trees({0: tree, 1: Tree("ticket.txt", 9, text)}):
        assert all(0 <= place.port < 65_536 for place in told_.places)
        assert told_.line >= 1


@pytest.mark.parametrize("case", [d11_outlook, d15_rpc])
def test_packet_details_tell_what_the_bytes_tell(tmp_path: Path, program: Callable[[str], str], case: object) -> None:
    name, path = next(iter(case.build(tmp_path).items()))  # type: ignore[attr-defined]
    details = print_listing(program("tshark"), path, tmp_path / f"{name}.txt", ("-V", "-Y", "dcerpc"))
    with (made := read_capture(path)).capture, (read := read_capture(details)).capture:
        known = [message for message in Said(made).rpc if any(message.ports)]
        found = [message for message in Said(read).rpc if any(message.ports)]
        assert [(m.operation, m.addresses, m.ports) for m in found] == [
            (m.operation, m.addresses, m.ports) for m in known
        ]
        frames = [(read.packets.number(m.row), read.packets.number(m.request_row)) for m in found]
        assert frames == [(made.packets.number(m.last_row), made.packets.number(m.request_row)) for m in known]
