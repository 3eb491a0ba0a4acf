"""Events of TCPIP and AFD: fields as the manifests lay them out, checked on the user data of real events."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.etl_fields import pack_data, pack_event_data
from wireproof.capture import open_capture
from wireproof.capture.etl.reader import EtlReader
from wireproof.logs.etl_events import decode_event, layouts_of, unpack_sockaddr
from wireproof.logs.etl_layout import Layout
from wireproof.logs.etl_layouts import AFD, KERNEL_NETWORK, LAYOUTS, TCPIP
from wireproof.logs.etl_layouts_services import DNS_CLIENT, NAME_RESOLUTION

TIME_WAIT = 10
SHUTDOWN = bytes.fromhex(
    "100000000200c28dc0a80273000000000000000010000000020001bb6859197c00000000000000000d0200c0902a00000000000000c463c702aaffff"
)
RESET = bytes.fromhex(
    "00c463c702aaffff100000000200c28dc0a80273000000000000000010000000020001bb6859197c00000000000000000000000000000000"
)
CREATE = bytes.fromhex(
    "00000000ee03000080c017c502aaffff40aecdca02aaffff020000000200000011000000e42400000000000000000000"
)


def test_a_shutdown_names_connection_status_and_process() -> None:
    fact = decode_event(TCPIP, 1044, SHUTDOWN)
    assert fact is not None
    assert (fact.name, fact.pid) == ("TcpShutdownTcb", 10896)
    assert fact.fields["status"] == 0xC000_020D
    assert fact.endpoint("local") == ("192.168.2.115", 49805)
    assert fact.endpoint("remote") == ("104.89.25.124", 443)


def test_a_reset_names_the_same_connection_without_a_process() -> None:
    fact, other = decode_event(TCPIP, 1184, RESET), decode_event(TCPIP, 1044, SHUTDOWN)
    assert fact is not None
    assert other is not None
    assert fact.fields["tcb"] == other.fields["tcb"]
    assert fact.pid == 0
    assert fact.endpoint("status") is None


def test_a_socket_names_its_process() -> None:
    fact = decode_event(AFD, 1000, CREATE)
    assert fact is not None
    assert (fact.pid, fact.fields["family"], fact.fields["type"], fact.fields["protocol"]) == (9444, 2, 2, 17)


def test_pointers_may_have_32_bits() -> None:
    fact = decode_event(TCPIP, 1184, RESET[4:], 4)
    assert fact is not None
    assert fact.endpoint("remote") == ("104.89.25.124", 443)


@pytest.mark.parametrize("length", [0, 3, 20, 43, len(SHUTDOWN) - 1])
def test_cut_events_are_none(length: int) -> None:
    assert decode_event(TCPIP, 1044, SHUTDOWN[:length]) is None


def test_what_is_not_known_is_none() -> None:
    assert decode_event(TCPIP, 9, SHUTDOWN) is None
    assert decode_event(uuid.UUID(int=5), 1044, SHUTDOWN) is None


def test_addresses_of_both_families_are_read_and_others_are_none() -> None:
    six = b"\x17\0\x01\xbb" + bytes(4) + bytes.fromhex("20010db8000000000000000000000001") + bytes(4)
    assert unpack_sockaddr(six) == ("2001:db8::1", 443)
    assert unpack_sockaddr(b"\x02\0\0\x50\x0a\0\0\x01") == ("10.0.0.1", 80)
    mapped = b"\x17\0\x01\xbb" + bytes(4) + bytes(10) + b"\xff\xff\x0a\0\0\x01" + bytes(4)
    assert unpack_sockaddr(mapped) == ("10.0.0.1", 443)
    for wrong in (b"", six[:20], b"\x01\0" + six[2:]):
        assert unpack_sockaddr(wrong) is None


@given(
    data=st.binary(max_size=200),
    event=st.sampled_from([(guid, number) for guid, known in LAYOUTS.items() for number in known]),
    pointer=st.sampled_from((4, 8)),
    version=st.integers(0, 6),
)
def test_any_bytes_give_fields_or_none(data: bytes, event: tuple[uuid.UUID, int], pointer: int, version: int) -> None:
    fact = decode_event(*event, data, pointer, version)
    assert fact is None or (fact.name and fact.fields and layouts_of(*event, version))


@given(
    event=st.sampled_from(
        [(guid, number, one) for guid, known in LAYOUTS.items() for number in known for one in known[number]]
    ),
    places=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 60),
)
def test_damaged_events_give_fields_or_none(
    event: tuple[uuid.UUID, int, Layout], places: list[tuple[int, int]], cut: int
) -> None:
    provider, number, layout = event
    data = bytearray(pack_data(layout))
    for place, value in places:
        data[place % len(data)] = value
    fact = decode_event(provider, number, bytes(data[: len(data) - cut]), version=layout.last)
    assert fact is None or fact.fields


def test_a_version_that_puts_a_field_in_front_is_read_as_such() -> None:
    bound = pack_event_data(TCPIP, 1008, local=("192.0.2.1", 80))
    newer = pack_event_data(TCPIP, 1008, 1, local=("192.0.2.1", 80), endpoint=0xFFFF_AA02_0000_0001)
    for data, version in ((bound, 0), (newer, 1)):
        fact = decode_event(TCPIP, 1008, data, version=version)
        assert fact is not None
        assert fact.endpoint("local") == ("192.0.2.1", 80)


def test_versions_that_are_not_known_are_none() -> None:
    assert decode_event(TCPIP, 1044, SHUTDOWN, version=1) is not None
    assert decode_event(TCPIP, 1044, SHUTDOWN, version=2) is None
    assert layouts_of(TCPIP, 1044, 2) == []


def test_real_events_of_the_stack_are_all_read(captures: Path) -> None:
    with open_capture(captures / "etl" / "Wireshark__small-system-misc-ping.etl") as capture:
        assert isinstance(capture, EtlReader)
        events = list(capture.etl_events([TCPIP, AFD]))
        decoded = [
            (event, decode_event(event.provider, event.event_id, event.data, capture.header.pointer_size))
            for event in events
        ]
    facts = [fact for _, fact in decoded if fact]
    known = [event for event, _ in decoded if event.event_id in LAYOUTS[event.provider]]
    assert len(facts) == len(known) > 300
    rundown = [fact for fact in facts if fact.name == "TcpConnectionRundown"]
    assert len(rundown) == 131
    # A connection in TIME-WAIT belongs to no process any more.
    assert [fact for fact in rundown if bool(fact.pid) == (fact.fields["state"] == TIME_WAIT)] == []


def test_real_lookups_name_what_was_asked_by_whom(captures: Path) -> None:
    with open_capture(captures / "etl" / "Wireshark__small-system-misc-ping.etl") as capture:
        assert isinstance(capture, EtlReader)
        events = list(capture.etl_events([DNS_CLIENT, NAME_RESOLUTION]))
    decoded = [(event.process_id, decode_event(event.provider, event.event_id, event.data)) for event in events]
    said = [(pid, fact.name, fact.fields.get("name"), fact.fields.get("server")) for pid, fact in decoded if fact]
    assert (692, "GetAddrInfo", "google.com", None) in said
    assert (1784, "DnsQuerySent", "google.com", "fe80::1") in said
    results = [fact.fields["result"] for _, fact in decoded if fact and fact.name == "DnsQueryOfInterfaceCompleted"]
    assert results[0] == "172.217.23.174;"


def test_the_kernel_tells_own_and_other_end_apart(captures: Path) -> None:
    with open_capture(captures / "etl" / "Tx__KernelNetwork.etl") as capture:
        assert isinstance(capture, EtlReader)
        facts = [
            decode_event(event.provider, event.event_id, event.data) for event in capture.etl_events([KERNEL_NETWORK])
        ]
    assert all(facts)
    received = [fact for fact in facts if fact and fact.name == "TcpReceived"]
    own = {end[0] for fact in received if (end := fact.endpoint("local")) and "." in end[0]}
    assert own == {"10.121.106.118"}
    owned = {(fact.endpoint("local"), fact.endpoint("remote"), fact.pid) for fact in facts if fact}
    assert (("10.121.106.118", 61739), ("157.56.244.38", 443), 2716) in owned
    asked = {fact.endpoint("local") for fact in facts if fact and fact.name == "UdpReceived"}
    assert {end for end in asked if end and end[0] == "224.0.0.252"} == {("224.0.0.252", 5355)}


def test_network_drops_name_both_addresses() -> None:
    data = bytes.fromhex("1100000002000000c0a80273effffffa0000000000000000040000000100000004000000")
    fact = decode_event(TCPIP, 1215, data)
    assert fact is not None
    assert (fact.fields["source_v4"], fact.fields["destination_v4"]) == ("192.168.2.115", "239.255.255.250")
    assert (fact.fields["source"], fact.fields["reason"], fact.fields["packets"]) == ("", 4, 1)


def test_texts_without_an_end_are_none() -> None:
    name = "name".encode("utf-16-le")
    assert decode_event(DNS_CLIENT, 3010, name) is None
    assert decode_event(DNS_CLIENT, 3010, name + b"\0\0" + bytes(4) + name + b"\0") is None
