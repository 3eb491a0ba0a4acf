"""rpc-fault: faults, refused binds and errors of mapper and DCOM; probes, negotiation and recoveries stay remarks or silent."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.support import rpc
from tests.support.rpc_talks import Story
from tests.support.said_over import said
from tests.support.tables import spaced
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Severity

RULE = "rpc-fault"
BOUND = [("client", rpc.bind(1, [rpc.EPM])), ("server", rpc.bind_answer(1))]
QUESTION = ("client", rpc.request(2, 3, rpc.map_request(rpc.MAPI)))
NOT_REGISTERED = ("server", rpc.response(2, rpc.map_answer([], rpc.NOT_REGISTERED)))
MAPPED = ("server", rpc.response(2, rpc.map_answer([rpc.tower(rpc.MAPI, 49155, "10.0.0.2")])))


def case(folder: Path, *lines: tuple[str, bytes]) -> Case:
    """One conversation with port 135."""
    return make_case(folder, {"client": spaced(said(lines, (50001, 135)))})


def test_a_fault_names_call_and_status(tmp_path: Path) -> None:
    finding = only(case(tmp_path, *BOUND, QUESTION, ("server", rpc.fault(2, 5))), RULE)
    assert finding.severity is Severity.ERROR
    assert (finding.facts["status"], finding.facts["operation"], finding.facts["interface"]) == (
        "ERROR_ACCESS_DENIED",
        "ept_map",
        "EPM",
    )
    assert [piece.frame for piece in finding.evidence] == [7, 6]
    assert "dcomcnfg" in finding.fix[0]


def test_an_interface_that_is_not_registered_is_told(tmp_path: Path) -> None:
    finding = only(case(tmp_path, *BOUND, QUESTION, NOT_REGISTERED), RULE)
    assert "not registered" in finding.title
    assert "Exchange mailbox access (MAPI)" in finding.title
    assert finding.facts["code"] == rpc.NOT_REGISTERED


def test_the_end_of_a_list_of_towers_is_not_an_error(tmp_path: Path) -> None:
    again = [
        ("client", rpc.request(3, 3, rpc.map_request(rpc.MAPI))),
        ("server", rpc.response(3, rpc.map_answer([], rpc.NOT_REGISTERED))),
    ]
    assert judge(case(tmp_path, *BOUND, QUESTION, MAPPED, *again), RULE).findings == []


def test_a_refused_bind_is_told_with_its_reason(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, Story(bind_answer=rpc.bind_nak(1, 4), connects=False).points()), RULE)
    assert (finding.facts["kind"], finding.facts["status"]) == ("bind_nak", "protocol_version_not_supported")
    assert {piece.capture for piece in finding.evidence} == {"client", "server"}


def test_an_interface_that_is_not_accepted_is_told(tmp_path: Path) -> None:
    finding = only(case(tmp_path, BOUND[0], ("server", rpc.bind_answer(1, ((2, 1),)))), RULE)
    assert finding.facts["status"] == "provider_rejection: abstract_syntax_not_supported"


def test_a_rejected_transfer_syntax_beside_an_accepted_one_is_negotiation(tmp_path: Path) -> None:
    lines = [("client", rpc.bind(1, [rpc.EPM] * 3)), ("server", rpc.bind_answer(1, ((2, 2), (0, 0), (3, 0))))]
    assert judge(case(tmp_path, *lines, QUESTION, MAPPED), RULE).findings == []


@pytest.mark.parametrize(("result", "name"), [(0x80070005, "E_ACCESSDENIED"), (0x80040154, "REGDB_E_CLASSNOTREG")])
def test_a_failed_activation_is_told_with_its_hresult(tmp_path: Path, result: int, name: str) -> None:
    answer = rpc.response(2, struct.pack("<IIII", 0, 0, 0, result))
    finding = only(
        make_case(tmp_path, Story(bindings=[], answer=answer, connects=False, only=("client",)).points()), RULE
    )
    assert name in finding.title
    assert "WMI" in finding.title
    assert finding.severity is Severity.ERROR


def test_an_operation_out_of_range_is_a_remark(tmp_path: Path) -> None:
    finding = only(case(tmp_path, *BOUND, QUESTION, ("server", rpc.fault(2, 0x1C010002))), RULE)
    assert finding.severity is Severity.INFO


def test_what_works_later_is_a_remark(tmp_path: Path) -> None:
    again = [
        ("client", rpc.request(3, 3, rpc.map_request(rpc.MAPI))),
        ("server", rpc.response(3, rpc.map_answer([rpc.tower(rpc.MAPI)]))),
    ]
    finding = only(case(tmp_path, *BOUND, QUESTION, ("server", rpc.fault(2, 5)), *again), RULE)
    assert (finding.severity, finding.facts["recovered"]) == (Severity.INFO, True)


def test_a_thousand_faults_of_one_kind_are_one_finding(tmp_path: Path) -> None:
    lines = list(BOUND)
    for call in range(2, 1002):
        lines += [("client", rpc.request(call, 3, rpc.map_request(rpc.MAPI))), ("server", rpc.fault(call, 5))]
    finding = only(case(tmp_path, *lines), RULE)
    assert (finding.facts["count"], len(finding.evidence)) == (1000, 12)


def test_an_answer_without_content_is_told(tmp_path: Path) -> None:
    empty = rpc.response(2, b"")
    finding = only(case(tmp_path, *BOUND, QUESTION, ("server", empty)), RULE)
    assert (len(empty), finding.facts["kind"], finding.severity) == (24, "empty", Severity.ERROR)
    assert "24 bytes" in finding.summary


def test_healthy_calls_are_silent(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, Story(fate="open").points()), RULE).findings == []


def test_the_field_s_fault_is_named(captures: Path) -> None:
    finding = only(
        open_case({"field": captures / "dcerpc-dcom" / "Wireshark__dcerpc-fault-stub-data-02.pcap.gz"}), RULE
    )
    assert (finding.facts["status"], finding.facts["interface"]) == ("RPC_S_SEC_PKG_ERROR", "SAMR")
    assert finding.evidence[0].frame == 79


@pytest.mark.parametrize("part", ["covenant_dcom", "sharpwmi", "bug-5133", "zerologon", "cracknames", "kerberos135"])
def test_healthy_field_captures_stay_quiet(captures: Path, part: str) -> None:
    (path,) = (path for path in (captures / "dcerpc-dcom").iterdir() if part in path.name)
    assert [f.title for f in judge(open_case({"field": path}), RULE).findings if f.severity is not Severity.INFO] == []
