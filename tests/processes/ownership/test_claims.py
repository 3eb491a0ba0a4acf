"""What each kind of log claims of sockets."""

from __future__ import annotations

from tests.support.etl_fields import logged
from tests.support.log_texts import logs_in
from tests.support.trace_lines import EDGE, FRONT_END, OUTLOOK
from wireproof.logs.etl_layouts import TCPIP
from wireproof.logs.etl_log import read_events
from wireproof.processes.ownership.claims import Claim, claims_of_logs

NETSTAT = """\
  TCP    0.0.0.0:3389        0.0.0.0:0            LISTENING       1204
  TermService
 [svchost.exe]
  TCP    [::]:3389           [::]:0               LISTENING       1204
  TCP    10.7.3.187:80       10.193.10.7:49684    ESTABLISHED     4
  TCP    10.7.3.187:50001    10.193.10.7:443      TIME_WAIT       0
  UDP    10.7.3.187:137      *:*                                  4
  TCP    0.0.0.0:50000       0.0.0.0:0            BOUND           2200
"""
FIREWALL = "2013-01-06 08:54:41 DROP TCP 10.0.107.58 10.7.3.187 59210 3389 52 S 1 0 8192 - - - RECEIVE 1204\n"


def told(claims: list[Claim]) -> set[tuple[object, ...]]:
    return {(claim.protocol, claim.local, claim.remote, claim.pid) for claim in claims}


def test_netstat_claims_connections_and_ports_of_its_host() -> None:
    claims = claims_of_logs(logs_in(NETSTAT))
    assert told(claims) == {
        ("tcp", ("10.7.3.187", 3389), None, 1204),
        ("tcp", ("10.7.3.187", 80), ("10.193.10.7", 49684), 4),
        ("udp", ("10.7.3.187", 137), None, 4),
    }
    (waiting,) = [claim for claim in claims if claim.local[1] == 3389]
    assert (waiting.name, waiting.services) == ("svchost.exe", ("TermService",))


def test_runs_at_the_same_point_share_their_addresses() -> None:
    ports, connections = (logs_in(text, file)[0] for text, file in ((NETSTAT[:200], "a"), (NETSTAT, "b")))
    ports.point = connections.point = "server"
    assert ("tcp", ("10.7.3.187", 3389), None, 1204) in told(claims_of_logs([ports, connections]))


def test_traces_claim_connections_whose_process_an_event_names() -> None:
    assert told(claims_of_logs(logs_in(EDGE))) == {("tcp", ("192.168.1.1", 50357), ("192.168.3.10", 5061), 1504)}
    assert told(claims_of_logs(logs_in(FRONT_END))) == {("tcp", ("192.168.3.10", 5061), ("192.168.1.1", 50357), 2640)}
    assert {claim.pid for claim in claims_of_logs(logs_in(OUTLOOK))} == {5788}


def test_sockets_that_afd_binds_and_connects_are_claimed() -> None:
    lines = [line for line in EDGE.splitlines() if "Afd" in line or "AFD" in line]
    (claim,) = claims_of_logs(logs_in("\n".join(lines)))
    assert (claim.local, claim.remote, claim.name) == (("192.168.1.1", 50357), ("192.168.3.10", 5061), "RTCSrv.exe")


def test_the_firewall_log_claims_the_own_end() -> None:
    assert told(claims_of_logs(logs_in(FIREWALL))) == {("tcp", ("10.7.3.187", 3389), ("10.0.107.58", 59210), 1204)}


def test_events_of_an_etl_claim_connections_and_sockets_with_their_rows() -> None:
    own = ("192.0.2.1", 50000)
    log = read_events(
        [
            logged(TCPIP, 1391, endpoint=0x20, pid=5),
            logged(TCPIP, 1396, endpoint=0x20, local=("192.0.2.1", 53)),
            logged(TCPIP, 1044, local=own, remote=("192.0.2.2", 443), pid=77),
        ],
        "a.etl",
    )
    claims = claims_of_logs([log])
    assert told(claims) == {
        ("udp", ("192.0.2.1", 53), None, 5),
        ("tcp", own, ("192.0.2.2", 443), 77),
    }
    assert [(claim.file, claim.line, claim.of_capture) for claim in claims] == [("a.etl", 0, True), ("a.etl", 1, True)]
