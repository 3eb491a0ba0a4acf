"""The table of DCE/RPC messages: binds and calls with names, answers with the request they belong to and the places they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases import d15_rpc
from tests.support import dcom, rpc
from tests.support.oracle import tshark_rows
from tests.support.said_over import opened, said
from tests.support.verdicts import open_case
from wireproof.messages.rpc import RpcMessage
from wireproof.messages.said import Said
from wireproof.wire.rpc import KINDS

PORTS = (50001, 135)
BOUND = [("client", rpc.bind(1, [rpc.EPM])), ("server", rpc.bind_answer(1))]
QUESTION = ("client", rpc.request(2, 3, rpc.map_request(rpc.MAPI)))
ANSWER = ("server", rpc.response(2, rpc.map_answer([rpc.tower(rpc.MAPI, 41376, "10.11.2.7")])))


def messages(folder: Path, *lines: tuple[str, bytes], ports: tuple[int, int] = PORTS) -> list[RpcMessage]:
    """The messages of a conversation in which these lines are said."""
    with opened(folder, said(lines, ports)) as tables:
        return list(Said(tables).rpc)


def test_a_map_is_read_from_bind_to_answer(tmp_path: Path) -> None:
    bind, ack, asked, answered = messages(tmp_path, *BOUND, QUESTION, ANSWER)
    assert (bind.kind, bind.contexts, bind.interface_name) == ("bind", ("EPM 3.0",), "EPM")
    assert (ack.kind, ack.results, ack.secondary_address, ack.interface_name) == (
        "bind_ack",
        ("acceptance",),
        "135",
        "EPM",
    )
    assert (asked.interface_name, asked.operation, asked.service_name) == ("EPM", "ept_map", "MAPI")
    assert (answered.operation, answered.service_name, answered.status) == ("ept_map", "MAPI", 0)
    assert (answered.addresses, answered.ports, answered.sequences) == (("10.11.2.7",), (41376,), ("ncacn_ip_tcp",))
    assert (answered.request_row, answered.call_id) == (asked.row, 2)
    assert answered.time_ns > asked.time_ns > bind.time_ns


def test_the_sccm_activation_has_the_articles_bindings(tmp_path: Path) -> None:
    point = open_case(d15_rpc.build(tmp_path)).point("server")
    found = {message.kind: message for message in point.said.rpc}
    created = found["response"]
    assert point.packets.number(created.last_row) == 5886
    assert (created.operation, created.service_name) == ("RemoteCreateInstance", "WMI")
    assert created.authentication == "SPNEGO integrity"
    assert [place.text for place in created.places][-2:] == [
        "ncacn_ip_tcp:CLIENTNAME[1431]",
        "ncacn_ip_tcp:10.102.0.230[1431]",
    ]
    assert (found["bind"].call_id, found["alter_context"].interface_name) == (3, "ISystemActivator")


def test_ndr64_is_read_where_it_was_agreed_on(tmp_path: Path) -> None:
    bound = [
        ("client", rpc.bind(1, [rpc.EPM], syntaxes=(rpc.NDR64,))),
        ("server", rpc.bind_answer(1, syntax=rpc.NDR64)),
    ]
    wide = ("server", rpc.response(2, rpc.map_answer([rpc.tower(rpc.MAPI, 41376, "10.11.2.7")], wide=True)))
    *_, answered = messages(tmp_path, *bound, ("client", rpc.request(2, 3, rpc.map_request(rpc.MAPI, wide=True))), wide)
    assert (answered.service_name, answered.ports) == ("MAPI", (41376,))


def test_big_endian_talks_are_read(tmp_path: Path) -> None:
    stub = rpc.map_answer([rpc.tower(rpc.MAPI, 41376, "10.11.2.7")], order=">")
    lines = [
        ("client", rpc.bind(1, [rpc.EPM], ">")),
        ("server", rpc.bind_answer(1, order=">")),
        ("client", rpc.request(2, 3, rpc.map_request(rpc.MAPI, ">"), ">")),
        ("server", rpc.response(2, stub, ">")),
    ]
    assert messages(tmp_path, *lines)[-1].ports == (41376,)


def test_without_the_bind_a_call_to_port_135_is_recognised_by_what_it_says(tmp_path: Path) -> None:
    asked, answered = messages(tmp_path, QUESTION, ANSWER)
    assert (asked.interface_name, answered.ports) == ("EPM", (41376,))
    asked, answered = messages(tmp_path, QUESTION, ANSWER, ports=(50001, 49155))
    assert (asked.interface_name, answered.ports) == ("", ())


def test_an_answer_without_its_request_is_taken_for_the_usual_one(tmp_path: Path) -> None:
    *_, answered = messages(tmp_path, *BOUND, ANSWER)
    assert (answered.operation, answered.ports, answered.request_row) == ("ept_map", (41376,), -1)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 100])
def test_segments_may_be_of_any_size(tmp_path: Path, size: int) -> None:
    with opened(tmp_path, said([*BOUND, QUESTION, ANSWER], PORTS, size)) as tables:
        found = list(Said(tables).rpc)
    assert [message.kind for message in found] == ["bind", "bind_ack", "request", "response"]
    assert found[-1].ports == (41376,)


def test_faults_naks_and_rejections_are_told_by_name(tmp_path: Path) -> None:
    *_, fault = messages(tmp_path, *BOUND, QUESTION, ("server", rpc.fault(2, 0x1C010003)))
    assert (fault.kind, fault.status, fault.status_name, fault.service_name) == (
        "fault",
        0x1C010003,
        "nca_s_unk_if",
        "MAPI",
    )
    _, nak = messages(tmp_path, BOUND[0], ("server", rpc.bind_nak(1, 8)))
    assert (nak.kind, nak.status, nak.status_name, nak.interface_name) == (
        "bind_nak",
        8,
        "authentication_type_not_recognized",
        "EPM",
    )
    _, rejected = messages(tmp_path, BOUND[0], ("server", rpc.bind_answer(1, ((2, 1),))))
    assert rejected.results == ("provider_rejection: abstract_syntax_not_supported",)


def test_what_is_encrypted_is_not_read(tmp_path: Path) -> None:
    *_, answered = messages(tmp_path, *BOUND, QUESTION, ("server", rpc.sealed(2, 2, ANSWER[1][16:])))
    assert (answered.sealed, answered.ports, answered.authentication, answered.service_name) == (
        True,
        (),
        "NTLM privacy",
        "MAPI",
    )
    *_, signed = messages(tmp_path, *BOUND, QUESTION, ("server", rpc.sealed(2, 2, ANSWER[1][16:], level=5)))
    assert (signed.sealed, signed.ports) == (False, (41376,))


def test_a_context_added_later_is_known_by_its_number(tmp_path: Path) -> None:
    later = rpc.bind(3, [rpc.MAPI], kind=rpc.ALTER)
    call = rpc.request(4, 0, bytes(8))
    *_, asked = messages(tmp_path, *BOUND, ("client", later), ("client", call))
    assert (asked.interface_name, asked.operation) == ("MAPI", "EcDoConnect")


def test_an_activation_in_fragments_is_read(tmp_path: Path) -> None:
    strings = rpc.dual_strings([(7, "HOST[1431]")] * 30)
    stub = dcom.activated_stub(1, "0000b400-0580-0000-9a5e-c2357038b9df", strings)
    lines = [("client", rpc.bind(1, [dcom.ISYSTEM_ACTIVATOR])), ("server", rpc.bind_answer(1))]
    lines += [("client", rpc.request(2, 4, bytes(40))), ("server", rpc.response_in_fragments(2, stub, 99))]
    *_, answered = messages(tmp_path, *lines)
    assert (answered.ports, answered.cut) == ((1431,) * 30, False)
    assert answered.fragments > 5


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Wireshark__nspi.pcap", [(4, "NSPI", "192.168.0.20", 1026)]),
        (
            "Security-Datasets__covenant_sharpwmi_create_dcerpc_wmi_2020-08-06035621.cap",
            [(60, "WMI", "172.18.39.6", 52419)],
        ),
        ("Wireshark__ntlm_rpc.pcapng", [(7, "DRSUAPI", "10.0.0.10", 49667)]),
        ("Wireshark__ShortMAPI.pcapng", [(2, "MAPI", "10.1.70.4", 1293)]),
        ("zeek__kerberos135_auth.pcapng", [(11, "WMI", "BLACKCLOVER-DC", 49718)]),
    ],
)
def test_real_captures_name_these_places(captures: Path, name: str, named: list[tuple[int, str, str, int]]) -> None:
    point = open_case({"field": captures / "dcerpc-dcom" / name}).point("field")
    found = {
        (point.packets.number(message.last_row), message.service_name, place.address, place.port)
        for message in point.said.rpc
        for place in message.places
    }
    assert set(named) <= found


def test_counts_per_kind_are_tshark_s(captures: Path, program: Callable[[str], str]) -> None:
    tshark = program("tshark")
    wanted = ("covenant_dcom", "covenant_sharpwmi", "scapy__dcerpc_p", "nspi", "dcerpc-fault", "ctxids", "ntlm_rpc")
    for path in sorted((captures / "dcerpc-dcom").iterdir()):
        if not any(part in path.name for part in wanted):
            continue
        rows = tshark_rows(tshark, path, ["dcerpc.pkt_type"], "dcerpc && tcp && !smb && !smb2", "a")
        theirs = Counter(KINDS[int(number)] for row in rows for number in row[0].split(",") if number)
        ours: Counter[str] = Counter()
        for message in open_case({"field": path}).points[0].said.rpc:
            ours[message.kind] += 0 if message.pipe else message.fragments
        assert ours == theirs, path.name
        assert ours.total() > 5
