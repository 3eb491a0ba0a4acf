"""Outputs of netstat by the host that they are of: their own rows tell it, or what stands in the same text."""

from __future__ import annotations

from tests.support.log_texts import with_logs
from wireproof.case import Case
from wireproof.rules.windows._netstats import outputs_of

HERE, ELSEWHERE = "10.9.0.2", "10.9.0.99"
LISTS = "  TCP    0.0.0.0:135   0.0.0.0:0   LISTENING   920\n"
OF_HOST = LISTS + "  TCP    {}:445   10.1.1.3:5123   ESTABLISHED   4\n"
IPCONFIG = "Windows IP Configuration\n\nEthernet adapter LAN:\n\n   IPv4 Address. . . . . . . . . . . : {}\n\n"


def found(**texts: str) -> list[tuple[str, bool]]:
    case = with_logs(Case([]), texts)
    return [(log.file, sure) for log, _, sure in outputs_of(case, HERE)]


def test_outputs_of_other_hosts_are_left_out() -> None:
    outputs = found(a=OF_HOST.format(HERE), b=OF_HOST.format(ELSEWHERE), c=LISTS)
    assert outputs == [("folder/a", True), ("folder/c", False)]


def test_addresses_in_the_same_text_tell_the_host() -> None:
    outputs = found(a=IPCONFIG.format(HERE) + LISTS, b=IPCONFIG.format(ELSEWHERE) + LISTS)
    assert outputs == [("folder/a", True)]
