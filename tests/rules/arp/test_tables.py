"""ARP tables alone and beside frames: who holds a multicast MAC, which router has none, and what was entered by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d10_nlb
from tests.support.log_texts import with_logs
from tests.support.verdicts import judge, only, open_case
from wireproof.case import Case
from wireproof.finding import Severity

RULE = "arp-multicast-mac"


def case(*texts: str) -> Case:
    return with_logs(Case([]), {f"table{turn}.txt": text for turn, text in enumerate(texts)})


def test_the_tables_of_a_host_and_of_the_router_together_make_the_finding() -> None:
    finding = only(case(d10_nlb.HOST_TABLE, d10_nlb.ROUTER_TABLE), RULE)
    assert finding.severity is Severity.ERROR
    assert (finding.facts["address"], finding.facts["mac"]) == (d10_nlb.CLUSTER, d10_nlb.MACS["article"])
    assert [(piece.capture, piece.line) for piece in finding.evidence] == [
        ("folder/table0.txt", 6),
        ("folder/table1.txt", 5),
    ]
    assert d10_nlb.EXPECT["static_arp"]["article"] in finding.fix[0]


@pytest.mark.parametrize("form", d10_nlb.MACS)
def test_a_hosts_table_alone_is_a_warning(form: str) -> None:
    table = d10_nlb.HOST_TABLE.replace("03-00-5e-11-11-11", d10_nlb.MACS[form].replace(":", "-"))
    finding = only(case(table), RULE)
    assert finding.severity is Severity.WARNING
    assert finding.facts["mac"] == d10_nlb.MACS[form]


def test_another_address_and_a_linux_host_are_told_alike() -> None:
    finding = only(case("? (10.20.30.40) at 03:bf:0a:14:1e:28 [ether] on eth0\n"), RULE)
    assert "the cluster's address 10.20.30.40" in finding.summary


def test_frames_and_tables_are_one_finding(tmp_path: Path) -> None:
    captured = open_case({"node": d10_nlb.build(tmp_path)["article"]})
    finding = only(with_logs(captured, {"arp.txt": d10_nlb.HOST_TABLE, "router.txt": d10_nlb.ROUTER_TABLE}), RULE)
    assert {piece.capture for piece in finding.evidence} == {"node", "folder/arp.txt", "folder/router.txt"}
    assert "A router's table at hand has no MAC" in finding.summary


@pytest.mark.parametrize(
    "texts",
    [
        (d10_nlb.HOST_TABLE, d10_nlb.ROUTER_TABLE.replace("0   Incomplete      ARPA", "-   0300.5e11.1111  ARPA")),
        (d10_nlb.HOST_TABLE.replace("11-11     dynamic", "11-11     static"),),
        (d10_nlb.HOST_TABLE.replace("03-00-5e-11-11-11", "02-bf-ac-10-3f-f1"),),
        (d10_nlb.HOST_TABLE.replace("172.16.63.241         03-00", "224.0.0.251           01-00"),),
    ],
    ids=["entered-on-the-router", "entered-by-hand", "unicast-mode", "multicast-address"],
)
def test_what_is_in_order_stays_silent(texts: tuple[str, ...]) -> None:
    assert judge(case(*texts), RULE).findings == []


def test_an_incomplete_entry_alone_is_an_open_question() -> None:
    verdicts = judge(case(d10_nlb.ROUTER_TABLE), RULE)
    assert verdicts.findings == []
    (question,) = verdicts.undecided
    assert d10_nlb.CLUSTER in question.reason
    assert "arp -a" in question.capture_next
