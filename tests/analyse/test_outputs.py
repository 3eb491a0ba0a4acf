"""Every file that `wireproof collect` tells to bring is understood, or known as one that no rule reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.evtx_files import event, write_evtx
from tests.support.files import Frame, write_pcap
from tests.support.said_over import said
from wireproof.analyse.inputs import close_inputs, open_inputs
from wireproof.analyse.outputs import KEPT, describe_kept, is_kept
from wireproof.collect.model import Request, Role, Scenario, System
from wireproof.collect.plans import build_plan

ZONE = """Time zone: Current:TIME_ZONE_ID_STANDARD Bias: -60min (UTC=LocalTime+Bias)
  [Standard Name:"W. Europe Standard Time" Bias:0min Date:(M:10 D:5 DoW:0)]
  [Daylight Name:"W. Europe Daylight Time" Bias:-60min Date:(M:3 D:5 DoW:0)]
"""
STATUS = """Leap Indicator: 0(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
Precision: -23 (119.209ns per tick)
Last Successful Sync Time: 3/18/2024 9:04:11 AM
Source: dc01.corp.example
"""
PROFILE = """
{} Profile Settings:
----------------------------------------------------------------------
State                                 ON
Firewall Policy                       BlockInbound,AllowOutbound
LocalFirewallRules                    N/A (GPO-store only)
RemoteManagement                      Disable

Logging:
LogAllowedConnections                 Disable
LogDroppedConnections                 Enable
FileName                              %systemroot%\\system32\\LogFiles\\Firewall\\pfirewall.log
MaxFileSize                           4096

Ok.
"""
STORE = """my "Personal"
================ Certificate 0 ================
Serial Number: 6d00000014a5b7cf
Issuer: CN=corp-CA, DC=corp, DC=example
 NotBefore: 1/2/2024 9:00 AM
 NotAfter: 1/1/2026 9:00 AM
Subject: CN=srv01.corp.example
Cert Hash(sha1): 0123456789abcdef0123456789abcdef01234567
  Key Container = te-Machine-1
Encryption test passed
CertUtil: -store command completed successfully.
"""
SSLCERT = """
SSL Certificate bindings:
-------------------------

    IP:port                      : 0.0.0.0:443
    Certificate Hash             : 0123456789abcdef0123456789abcdef01234567
    Application ID               : {5d8e2743-ef20-4d38-8751-7e400f200e65}
    Certificate Store Name       : MY
    Verify Client Certificate Revocation : Enabled
"""
GPRESULT = """
Microsoft (R) Windows (R) Operating System Group Policy Result tool v2.0

RSOP data for CORP\\kim on PC07 : Logging Mode
------------------------------------------------

OS Configuration:            Member Workstation
COMPUTER SETTINGS
------------------
    CN=PC07,OU=Clients,DC=corp,DC=example
    Last time Group Policy was applied: 3/18/2024 at 8:55:12 AM
    Applied Group Policy Objects
    -----------------------------
        DirectAccess Clients
        Default Domain Policy
"""
WRITTEN = {
    "clock": "Mon 03/18/2024  9:15:00.11\n" + ZONE + STATUS,
    "icmp-rules": "Rule Name:                            Core Networking - Packet Too Big (ICMPv6-Out)\nProtocol:    ICMPv6\n",
    "ipconfig /all": """
Windows IP Configuration

   Host Name . . . . . . . . . . . . : PC07
   Primary Dns Suffix  . . . . . . . : corp.example

Ethernet adapter Ethernet:

   Physical Address. . . . . . . . . : 00-15-5D-01-02-03
   IPv4 Address. . . . . . . . . . . : 10.1.1.20(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   Default Gateway . . . . . . . . . : 10.1.1.1
""",
    "route print": """
IPv4 Route Table
===========================================================================
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0         10.1.1.1       10.1.1.20     25
        127.0.0.0        255.0.0.0         On-link         127.0.0.1    331
===========================================================================
""",
    "netstat -ano": """
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       920
""",
    "tasklist /svc": """
Image Name                     PID Services
========================= ======== ============================================
svchost.exe                    920 RpcEptMapper, RpcSs
""",
    "arp -a": """
Interface: 10.1.1.20 --- 0x5
  Internet Address      Physical Address      Type
  10.1.1.1              00-15-5d-01-02-ff     dynamic
""",
    "netsh advfirewall show allprofiles": "".join(map(PROFILE.format, ("Domain", "Private", "Public"))),
    "netsh advfirewall show currentprofile": PROFILE.format("Domain"),
    "w32tm /query /status": STATUS,
    "w32tm /tz": ZONE,
    "netsh interface ipv4 show dynamicport tcp": """
Protocol tcp Dynamic Port Range
---------------------------------
Start Port      : 49152
Number of Ports : 16384
""",
    "certutil -user -store -v my": STORE,
    "certutil -store -v my": STORE.replace("srv01", "srv02"),
    "certutil -store -v ca": STORE.replace("srv01", "ca01"),
    "certutil -store -v root": STORE.replace("srv01", "root"),
    "netsh winhttp show proxy": "\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n",
    "netsh http show sslcert": SSLCERT,
    "netsh interface httpstunnel show interface": """
Interface IPHTTPSInterface (Group Policy)  Parameters
------------------------------------------------------------
Role                       : client
URL                        : https://da.example.com:443/IPHTTPS
Last Error Code            : 0x274c
Interface Status           : failed to connect to the IPHTTPS server. Waiting to reconnect
""",
    "netsh interface teredo show state": """
Teredo Parameters
---------------------------------------------
Type                    : client
Server Name             : win1910.ipv6.microsoft.com.
Client Refresh Interval : 30 seconds
State                   : offline
Error                   : none
""",
    "netsh interface ipv6 show interface": """
Idx     Met         MTU          State                Name
---  ----------  ----------  ------------  ---------------------------
  1          75  4294967295  connected     Loopback Pseudo-Interface 1
  5          25        1500  connected     Ethernet
""",
    "netsh interface ipv6 show route": """
Publish  Type      Met  Prefix                    Idx  Gateway/Interface Name
-------  --------  ---  ------------------------  ---  ------------------------
No       Manual    256  ::/0                        5  fe80::1
No       System    256  ::1/128                     1  Loopback Pseudo-Interface 1
""",
    "netsh advfirewall monitor show mmsa": "\nMain Mode SA \n----------\nLocal IP Address:  2001:db8::1\nAuth1:  ComputerKerb\n",
    "netsh advfirewall monitor show qmsa": "\nQuick Mode SA \n----------\nLocal IP Address:  2001:db8::1\nProtocol:  ESP\n",
    "netsh namespace show effectivepolicy": "\nSettings for .corp.example\n------------------\nDirectAccess (DNS Servers)  : 2001:db8::3333\n",
    "netsh dns show state": "\nName Resolution Policy Table Options\n------------------\nMachine Location : Outside corporate network\n",
    "gpresult /r": GPRESULT,
    "net use": "Status       Local     Remote                    Network\nOK           H:        \\\\srv01\\home              Windows\n",
    "whoami /all": "\nUSER INFORMATION\n----------------\n\nUser Name SID\n========= ==========\ncorp\\kim  S-1-5-21-1-2-3-1105\n",
    "net share": "\nShare name   Resource                        Remark\n\n---------\nC$           C:\\                             Default share\n",
    "net session": "\nComputer               User name            Opens Idle time\n\n---------\n\\\\10.1.1.20            kim              2 00:01:12\n",
    "date --iso-8601=ns": "2024-03-18T09:15:00,110000000+01:00\n",
}
"""Outputs by command, or by the file's name where several commands write one."""

FIREWALL_LOG = """#Version: 1.5
#Software: Microsoft Windows Firewall
#Time Format: Local
#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path

2024-03-18 09:20:04 DROP TCP 10.1.1.20 10.2.2.2 50001 445 52 S 100 0 8192 - - - RECEIVE
"""
KEY_LOG = f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n"
BINARY = re.compile(r'"%FOLDER%\\(?P<file>\w+\.evtx)"')
SAVED = re.compile(r'(?:^|[({ ])(?P<command>[^>{(]*?) > "(?:%FOLDER%\\|\$FOLDER/)(?P<file>[^"]+\.txt)"')


def written_files(request: Request) -> dict[str, str]:
    """What the commands of a plan write into the folder, by name of the file; only outputs of which a text is at hand."""
    files = {
        "wfpdiag.xml": "<wfpdiag><events><netEvents><item><type>FWPM_NET_EVENT_TYPE_CLASSIFY_DROP</type></item></netEvents></events></wfpdiag>"
    }
    for phase in build_plan(request).phases:
        for step in phase.steps:
            for line in step.commands:
                if match := SAVED.search(line):
                    file = match["file"]
                    files[file] = WRITTEN.get(match["command"].strip(), WRITTEN.get(file.removesuffix(".txt"), "?"))
    return files


def saved_logs(request: Request) -> dict[str, bytes]:
    """Logs that a plan saves beside the outputs, each with one entry."""
    lines = [line for phase in build_plan(request).phases for step in phase.steps for line in step.commands]
    found = {}
    for number, line in enumerate(lines):
        if match := BINARY.search(line):
            found[match["file"]] = write_evtx(
                [event("Service Control Manager", 7000 + number, "2024-03-18T08:20:00.0Z", {})]
            )
        if line.startswith("copy ") and "pfirewall.log*" in line:
            found["pfirewall.log"] = FIREWALL_LOG.encode()
        if line.startswith('set "SSLKEYLOGFILE=%FOLDER%'):
            found["sslkeys.log"] = KEY_LOG.encode()
    return found


@pytest.mark.parametrize("scenario", list(Scenario))
@pytest.mark.parametrize("role", list(Role))
def test_every_output_of_every_windows_plan_is_understood_or_known(
    scenario: Scenario, role: Role, tmp_path: Path
) -> None:
    files = written_files(Request(scenario, role))
    assert len(files) > 10
    assert "?" not in files.values()
    write_pcap(tmp_path / "server.pcap", [Frame(0, frame) for frame in said([("client", b"GET / HTTP/1.1\r\n\r\n")])])
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    logs = saved_logs(Request(scenario, role))
    assert {"services.evtx", "pfirewall.log"} <= logs.keys()
    for file, data in logs.items():
        (tmp_path / file).write_bytes(data)
    found = open_inputs([str(tmp_path)])
    close_inputs(found)
    assert (
        logs.keys() - {Path(log.file).name for log in found.logs} - {Path(one.name).name for one in found.keys} == set()
    )
    assert not [note for note in found.notes if "no capture" in note or "nothing is understood" in note]
    taken = {Path(log.file).name for log in found.logs} | {Path(path).name for path in found.kept}
    assert {log.zone_s for log in found.logs if log.file.endswith("pfirewall.log")} == {3600}
    assert set(files) - taken == {
        file for file in files for note in found.notes if f"{file} is the same file as" in note
    }
    assert not {Path(path).name for path in found.kept} & {
        "netstat-ano.txt",
        "clock.txt",
        "ipconfig-all.txt",
        "route-print.txt",
    }


@pytest.mark.parametrize("role", list(Role))
def test_every_output_of_a_linux_plan_is_known_by_name(role: Role) -> None:
    for scenario in Scenario:
        files = written_files(Request(scenario, role, System.LINUX, peers=("10.1.1.1",), interface="eth0"))
        assert len(files) > 10
        assert {file.removesuffix(".txt").removesuffix(".xml") for file in files} <= KEPT | {"clock"}


def test_an_output_that_nothing_is_understood_of_though_it_is_read_is_told(tmp_path: Path) -> None:
    write_pcap(tmp_path / "server.pcap", [Frame(0, frame) for frame in said([("client", b"GET / HTTP/1.1\r\n\r\n")])])
    (tmp_path / "netstat-ano.txt").write_text("The requested operation requires elevation.\n")
    (tmp_path / "net-session.txt").write_text("There are no entries in the list.\n")
    found = open_inputs([str(tmp_path)])
    close_inputs(found)
    assert any("netstat-ano.txt is a text file" in note for note in found.notes)
    assert describe_kept(found.kept) in found.notes
    assert [Path(path).name for path in found.kept] == ["net-session.txt"]


def test_a_program_under_the_name_of_an_output_is_none() -> None:
    assert is_kept("net-use.txt", b"OK  H:  \\\\srv01\\home\n")
    assert is_kept("ticket.zip!client/NET-USE.TXT", b"")
    assert not is_kept("net-use.txt", b"MZ\x90\x00\x03\x00\x00\x00")
    assert not is_kept("net-use.pcap", b"text\n")


def test_many_of_them_are_counted() -> None:
    names = [f"{number}.txt" for number in range(7)]
    assert describe_kept(names).endswith("0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more")
