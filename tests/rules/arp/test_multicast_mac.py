"""arp-multicast-mac: NLB in multicast mode, and MACs that many machines may share by right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d10_nlb
from tests.support.files import SECOND, Frame
from tests.support.packets import arp_reply, arp_request
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity

HOST, HOST_MAC = "10.1.1.20", "00:1b:21:00:00:20"


@pytest.mark.parametrize("form", d10_nlb.MACS)
def test_each_form_of_the_clusters_mac_is_named_with_the_router_that_drops_it(tmp_path: Path, form: str) -> None:
    finding = only(open_case({"node": d10_nlb.build(tmp_path)[form]}), "arp-multicast-mac")
    assert (finding.severity, finding.facts["address"], finding.facts["mac"]) == (
        Severity.ERROR,
        d10_nlb.CLUSTER,
        d10_nlb.MACS[form],
    )
    assert finding.facts["askers_not_believing"] == [d10_nlb.ROUTER]
    assert finding.evidence[0].frame == 2
    assert (finding.talk.client, finding.talk.server) == (d10_nlb.ROUTER, d10_nlb.CLUSTER)  # type: ignore[union-attr]


@pytest.mark.parametrize(("form", "line"), d10_nlb.EXPECT["static_arp"].items())
def test_the_static_entry_is_printed_for_each_system(tmp_path: Path, form: str, line: str) -> None:
    text = "\n".join(only(open_case({"node": d10_nlb.build(tmp_path)[form]}), "arp-multicast-mac").fix)
    mac = d10_nlb.MACS[form]
    for wanted in (line, f"lladdr {mac}", mac.replace(":", "-"), "OperationMode Unicast"):
        assert wanted in text


def answered_with(folder: Path, mac: str, times: int = 1) -> list[object]:
    frames = []
    for turn in range(times):
        frames.append(Frame(turn * 300 * SECOND, bytes(arp_request(HOST_MAC, HOST, "10.1.1.1"))))
        frames.append(Frame(turn * 300 * SECOND + 1000, bytes(arp_reply(mac, "10.1.1.1", HOST_MAC, HOST))))
    return list(judge(make_case(folder, {"node": frames}), "arp-multicast-mac").findings)


def test_an_asker_that_takes_the_answer_leaves_a_warning(tmp_path: Path) -> None:
    (finding,) = answered_with(tmp_path, "03:bf:0a:01:01:01", times=4)
    assert finding.severity == Severity.WARNING  # type: ignore[attr-defined]


@pytest.mark.parametrize("mac", ["02:bf:0a:01:01:01", "00:00:5e:00:01:0a", "00:00:0c:07:ac:01", "ff:ff:ff:ff:ff:ff"])
def test_shared_macs_without_group_bit_and_broadcast_stay_silent(tmp_path: Path, mac: str) -> None:
    assert answered_with(tmp_path, mac) == []
