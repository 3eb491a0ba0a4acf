"""lync-outdated: from captures, logs and lists; versions of which the list knows nothing newer stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_sip_in_clear, d6_sip_log
from tests.support.sip_logs import with_log
from tests.support.telephony import datagram, dialog, sip
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

RULE = "lync-outdated"
ENDS = ("10.1.1.1", 5060), ("10.1.1.2", 5060)


def saying(folder: Path, agent: str) -> Case:
    ask = sip("REGISTER sip:contoso.com SIP/2.0", [*dialog(number="1 REGISTER"), f"User-Agent: {agent}"])
    return make_case(folder, {"client": [datagram(0, *ENDS, ask)]})


def test_the_client_of_the_sign_in_is_of_october_2012(tmp_path: Path) -> None:
    finding = only(open_case({"access": d6_sip_in_clear.build(tmp_path)["access"]}), RULE)
    assert finding.severity is Severity.INFO
    assert finding.title == "Lync 2010 4.0.7577.4356 is the update of October 2012; 5 newer ones are listed"
    assert (finding.facts["article"], finding.facts["newest_listed"]) == ("2737155", "4.0.7577.4419")
    assert [(row.capture, row.frame) for row in finding.evidence] == [("access", 4)]
    assert "ends in February 2014" in finding.summary


def test_a_log_tells_the_same_with_its_line(tmp_path: Path) -> None:
    finding = only(with_log(make_case(tmp_path, {}), d6_sip_log.LOG), RULE)
    assert [(row.capture, row.line) for row in finding.evidence] == [("edge.log", 8)]
    assert finding.facts["users"] == ["sip:username@contoso.com"]


def test_a_server_is_told_by_a_list_of_components(tmp_path: Path) -> None:
    text = "Microsoft Lync Server 2010, Core Components   4.0.7577.223\n"
    finding = only(with_log(make_case(tmp_path, {}), text, "versions.txt"), RULE)
    assert finding.title == "Lync Server 2010 4.0.7577.223 is the update of October 2013; 1 newer one is listed"


def test_a_version_between_two_updates_is_less_sure(tmp_path: Path) -> None:
    finding = only(saying(tmp_path, "UCCAPI/4.0.7577.4387 OC/4.0.7577.4387 (Microsoft Lync 2010)"), RULE)
    assert finding.confidence is Confidence.MEDIUM
    assert "between the updates April 2013 and July 2013" in finding.title
    first = only(saying(tmp_path, "UCCAPI/4.0.7577.0 OC/4.0.7577.0 (Microsoft Lync 2010)"), RULE)
    assert "older than January 2011, the first update of the list" in first.title


@pytest.mark.parametrize(
    "agent",
    [
        "UCCAPI/4.0.7577.4419 OC/4.0.7577.4419 (Microsoft Lync 2010)",
        "UCCAPI/4.0.7577.4446 OC/4.0.7577.4446 (Microsoft Lync 2010)",
        "UCCAPI/15.0.4727.1001 OC/15.0.4727.1001 (Skype for Business)",
        "UCCAPI/16.0.6001.1073 OC/16.0.6001.1073 (Skype for Business)",
        "RTCC/4.0.0.0",
        "Asterisk PBX 1.8.4",
    ],
)
def test_nothing_is_said_of_what_the_list_does_not_hold(tmp_path: Path, agent: str) -> None:
    assert judge(saying(tmp_path, agent), RULE).findings == []


def test_the_article_that_lists_the_updates_is_no_list_of_programs(tmp_path: Path) -> None:
    text = "Description of the Lync 2013 updates 15.0.4454.1509: February 2013\n(Version: 4.0.7577.108)\n"
    assert judge(with_log(make_case(tmp_path, {}), text), RULE).findings == []
