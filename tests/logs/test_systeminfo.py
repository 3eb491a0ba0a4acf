"""systeminfo: the name and the addresses of its host, in any language, and texts that are none."""

from __future__ import annotations

import pytest

from tests.support.log_texts import logs_in, only_log
from wireproof.logs.systeminfo import SystemInfoLog

ENGLISH = """
Host Name:                 SRV31
OS Name:                   Microsoft Windows Server 2019 Standard
OS Version:                10.0.17763 N/A Build 17763
Domain:                    corp.test
Hotfix(s):                 1 Hotfix(s) Installed.
                           [01]: KB4514366
Network Card(s):           1 NIC(s) Installed.
                           [01]: vmxnet3 Ethernet Adapter
                                 Connection Name: Ethernet0
                                 DHCP Enabled:    No
                                 IP address(es)
                                 [01]: 10.31.9.9
                                 [02]: fe80::5c1:7d0f:22aa:9
                                 [03]: 2001:db8::9
"""
GERMAN = """
Hostname:                                      SRV31
Betriebssystemname:                            Microsoft Windows Server 2019 Standard
Netzwerkkarte(n):                              1 Netzwerkadapter installiert.
                                               [01]: Intel
                                                     IP-Adresse(n)
                                                     [01]: 10.31.9.9
"""


@pytest.mark.parametrize(("text", "own"), [(ENGLISH, {"10.31.9.9", "2001:db8::9"}), (GERMAN, {"10.31.9.9"})])
def test_name_and_addresses_are_read(text: str, own: set[str]) -> None:
    log = only_log(SystemInfoLog, text)
    assert (log.host, log.line, log.addresses()) == ("SRV31", 2, own)


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH + GERMAN,
        ENGLISH.replace("Windows", "Example"),
        ENGLISH.replace("10.31.9.9", "127.0.0.1").replace("2001:db8::9", "::1"),
    ],
    ids=["two-hosts", "no-windows", "no-address"],
)
def test_what_names_no_host_for_sure_is_left_out(text: str) -> None:
    assert [log for log in logs_in(text) if isinstance(log, SystemInfoLog)] == []
