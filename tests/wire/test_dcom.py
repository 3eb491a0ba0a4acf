"""DCOM answers: string bindings of activations and resolvers, and the classes that are asked for."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import dcom as made
from tests.support import rpc
from wireproof.wire.dcom import (
    StringBinding,
    unpack_activated,
    unpack_activation_answer,
    unpack_binding,
    unpack_class_asked,
    unpack_class_of_activation,
    unpack_resolved,
)

BINDINGS = [(7, "HOST[1431]"), (7, "10.102.0.230[1431]"), (15, "\\\\HOST[\\PIPE\\atsvc]")]
NAMED = [
    StringBinding("ncacn_ip_tcp", "HOST", "1431"),
    StringBinding("ncacn_ip_tcp", "10.102.0.230", "1431"),
    StringBinding("ncacn_np", "\\\\HOST", "\\PIPE\\atsvc"),
]
IPID = "0000b400-0580-0000-9a5e-c2357038b9df"
ACTIVATED = made.activated_stub(0xB8957F961925A2BB, IPID, rpc.dual_strings(BINDINGS))
ASKED = made.create_instance(3, "feee1975-b61e-42eb-b500-939ea5ee4b2a")[24:816]


@pytest.mark.parametrize(
    ("text", "address", "endpoint", "port"),
    [
        ("10.1.1.1[49154]", "10.1.1.1", "49154", 49154),
        ("fe80::1[49154]", "fe80::1", "49154", 49154),
        ("[2001:db8::1][49154]", "2001:db8::1", "49154", 49154),
        ("[2001:db8::1]", "2001:db8::1", "", 0),
        ("host.corp", "host.corp", "", 0),
        ("\\\\HOST[\\PIPE\\srvsvc]", "\\\\HOST", "\\PIPE\\srvsvc", 0),
        ("", "", "", 0),
    ],
)
def test_a_binding_is_host_and_endpoint(text: str, address: str, endpoint: str, port: int) -> None:
    binding = unpack_binding(7, text)
    assert (binding.address, binding.endpoint, binding.port) == (address, endpoint, port)


def test_an_activation_names_its_exporter_and_bindings() -> None:
    answer = unpack_activated(ACTIVATED, "<")
    assert answer is not None
    assert (answer.exporter, answer.result) == ("b8957f961925a2bb", 0)
    assert list(answer.bindings) == NAMED


def test_a_failed_activation_has_its_hresult() -> None:
    answer = unpack_activated(struct.pack("<IIII", 0, 0, 0, 0x80070005), "<")
    assert answer is not None
    assert (answer.bindings, answer.result) == ((), 0x80070005)


def test_extensions_before_the_results_are_passed_over() -> None:
    extent = struct.pack("<I", 8) + bytes(16) + struct.pack("<I", 5) + b"12345678"
    array = struct.pack("<IIIIII", 1, 0, 0x20000, 2, 0x20004, 0) + extent
    answer = unpack_activated(struct.pack("<II", 0, 1) + array + struct.pack("<II", 0, 0x80040154), "<")
    assert answer is not None
    assert answer.result == 0x80040154


def test_a_request_tells_the_class() -> None:
    assert unpack_class_asked(ASKED, "<") == made.WMI_CLASS


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_resolver_names_bindings(order: str) -> None:
    answer = unpack_resolved(rpc.resolved(BINDINGS, order), order, 4)
    assert answer is not None
    assert list(answer.bindings) == NAMED
    assert answer.result == 0


def test_the_older_operations_are_read_too() -> None:
    strings = rpc.dual_strings(BINDINGS)
    strings += b"\0" * (-len(strings) % 4)
    resolved = unpack_resolved(struct.pack("<I", 1) + strings + bytes(16) + struct.pack("<II", 6, 0x776), "<", 0)
    assert resolved is not None
    assert (list(resolved.bindings), resolved.result) == (NAMED, 0x776)
    alive = unpack_resolved(struct.pack("<HHI", 5, 7, 1) + strings + bytes(8), "<", 5)
    assert alive is not None
    assert (list(alive.bindings), alive.result) == (NAMED, 0)
    activated = struct.pack("<IIQI", 0, 0, 77, 1) + strings + bytes(16) + struct.pack("<IHHI", 6, 5, 7, 0x80070005)
    old = unpack_activation_answer(activated, "<")
    assert old is not None
    assert (old.exporter, list(old.bindings), old.result) == (f"{77:016x}", NAMED, 0x80070005)
    this = struct.pack("<HHII16sI", 5, 7, 0, 0, bytes(16), 0)
    assert unpack_class_of_activation(this + made.pack_uuid(made.WMI_CLASS), "<") == made.WMI_CLASS


@pytest.mark.parametrize("size", range(0, len(ACTIVATED), 9))
def test_a_cut_activation_gives_what_is_whole_or_nothing(size: int) -> None:
    answer = unpack_activated(ACTIVATED[:size], "<")
    assert answer is None or answer.result == -1


@given(st.integers(0, len(ACTIVATED) - 1), st.binary(min_size=1, max_size=4))
def test_changed_bytes_never_break_a_decoder(at: int, new: bytes) -> None:
    unpack_activated(ACTIVATED[:at] + new + ACTIVATED[at + len(new) :], "<")
    at %= len(ASKED)
    unpack_class_asked(ASKED[:at] + new + ASKED[at + len(new) :], "<")


@given(st.binary(max_size=200), st.sampled_from("<>"))
def test_any_bytes_give_an_answer_or_nothing(stub: bytes, order: str) -> None:
    for opnum in (0, 4, 5):
        unpack_resolved(stub, order, opnum)
    unpack_activated(stub, order)
    unpack_activation_answer(stub, order)
    unpack_class_asked(stub, order)
    unpack_class_of_activation(stub, order)
