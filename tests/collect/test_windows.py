"""The steps on Windows."""

from __future__ import annotations

import re

import pytest

from wireproof.collect.model import Request, Role, Scenario
from wireproof.collect.windows import file_name, windows_phases


def commands(request: Request) -> list[str]:
    return [line for phase in windows_phases(request) for step in phase.steps for line in step.commands]


def places(lines: list[str], *starts: str) -> list[int]:
    """The place of the first line that holds each text."""
    return [next(place for place, line in enumerate(lines) if start in line) for start in starts]


def test_directaccess_services_are_stopped_and_started_around_the_first_marker_as_the_action_plan_says() -> None:
    lines = commands(Request(Scenario.DIRECTACCESS, Role.CLIENT, peers=("server1", "server2")))
    order = places(
        lines, "start= disabled", "net stop ikeext", "nmcap /network", "netsh trace start", "netsh wfp capture start", "net stop iphlpsvc",
        "-l 22", "net start iphlpsvc", "start= auto", "net start ikeext", "timeout /t 30", "-l 33 server1", "-l 44 server2", "-l 55",
        "netsh wfp capture stop", "netsh trace stop",
    )  # fmt: skip
    assert order == sorted(order)


def test_the_start_type_of_the_service_is_noted_before_it_is_changed_and_put_back_at_the_end() -> None:
    lines = commands(Request(Scenario.DIRECTACCESS, Role.CLIENT))
    noted, changed, back = places(lines, 'set "IKEEXT_START=', "start= disabled", "start= demand")
    assert noted < changed < back


@pytest.mark.parametrize("scenario", list(Scenario))
@pytest.mark.parametrize("role", list(Role))
def test_what_is_started_is_stopped_in_the_reverse_order(scenario: Scenario, role: Role) -> None:
    lines = commands(Request(scenario, role))
    started = [
        tool for line in lines for tool in ("netsh trace", "pktmon", "netsh wfp capture") if f"{tool} start" in line
    ]
    stopped = [
        tool for line in lines for tool in ("netsh trace", "pktmon", "netsh wfp capture") if f"{tool} stop" in line
    ]
    assert started
    assert stopped == started[::-1]


@pytest.mark.parametrize("role", [Role.SERVER, Role.EDGE, Role.GATEWAY])
def test_nobody_stops_services_of_a_server_that_others_use(role: Role) -> None:
    assert not [
        line for line in commands(Request(Scenario.DIRECTACCESS, role)) if line.startswith(("net stop", "sc config"))
    ]


def test_the_gateway_of_directaccess_traces_every_component_of_the_action_plan() -> None:
    (trace,) = [line for line in commands(Request(Scenario.DIRECTACCESS, Role.GATEWAY)) if "trace start" in line]
    for name in (
        "DNS-Client",
        "Iphlpsvc-Trace",
        "WFP",
        "NCSI",
        "NlaSvc",
        "NetworkProfile",
        "WinINet",
        "WinHttp",
        "WebIO",
    ):
        assert f"provider=Microsoft-Windows-{name} " in trace
    assert 'provider="Microsoft-Windows-Windows Firewall With Advanced Security" ' in trace


def test_lync_and_tcp_trace_the_stack_and_the_socket_layer() -> None:
    for scenario in (Scenario.LYNC, Scenario.TCP):
        (trace,) = [line for line in commands(Request(scenario, Role.EDGE)) if "trace start" in line]
        assert "provider=Microsoft-Windows-TCPIP " in trace
        assert "provider=Microsoft-Windows-Winsock-AFD " in trace


def test_a_trace_that_windows_refuses_for_a_provider_leaves_one_of_packets() -> None:
    (trace,) = [line for line in commands(Request(Scenario.TLS, Role.SERVER)) if "trace start" in line]
    full, bare = trace.split(" || ")
    assert "provider=" in full
    assert "provider=" not in bare
    assert "capture=yes" in bare


def test_only_a_tls_client_writes_a_key_log_and_ends_it() -> None:
    lines = commands(Request(Scenario.TLS, Role.CLIENT))
    begun, ended = places(lines, r'set "SSLKEYLOGFILE=%FOLDER%\sslkeys.log"', 'set "SSLKEYLOGFILE="')
    assert begun < ended
    assert not [line for line in commands(Request(Scenario.TLS, Role.SERVER)) if "SSLKEYLOGFILE" in line]


def test_settings_of_logs_are_put_back() -> None:
    lines = commands(Request(Scenario.TLS, Role.SERVER))
    noted, changed, back = places(lines, 'set "SCHANNEL_WAS=', "/d 7 /f", "/d %SCHANNEL_WAS% /f")
    assert noted < changed < back
    on, off = places(lines, "/e:true", "/e:false")
    assert on < off


def test_one_peer_gets_both_tries_and_none_leaves_them_to_the_gateway() -> None:
    assert "ping -n 2 -l 44 server1" in commands(Request(Scenario.TCP, Role.CLIENT, peers=("server1",)))
    assert "ping -n 2 -l 33 %GATEWAY%" in commands(Request(Scenario.TCP, Role.CLIENT))


def test_a_server_sends_no_markers_of_tries() -> None:
    lines = commands(Request(Scenario.TCP, Role.SERVER, peers=("client1",)))
    assert not [line for line in lines if "-l 33" in line or "-l 44" in line]


def test_ipv6_addresses_in_share_names_are_written_as_windows_reads_them() -> None:
    lines = commands(Request(Scenario.SMB, Role.CLIENT, peers=("2001:db8::5",)))
    assert r"net view \\2001-db8--5.ipv6-literal.net" in lines


def test_each_output_has_a_file_of_its_own() -> None:
    for scenario in Scenario:
        for role in Role:
            saved = [
                line.partition(" > ")[2] for line in commands(Request(scenario, role)) if line.endswith('.txt" 2>&1')
            ]
            assert len(saved) == len(set(saved)) > 5


def test_a_file_name_holds_only_letters_digits_and_dashes() -> None:
    assert file_name("netstat -ano") == "netstat-ano"
    assert file_name("certutil -store -v my /x:\\..\\y") == "certutil-store-v-my-x-y"


@pytest.mark.parametrize("scenario", list(Scenario))
@pytest.mark.parametrize("role", list(Role))
def test_outputs_are_written_as_utf_8_from_the_first_command_on(scenario: Scenario, role: Role) -> None:
    assert commands(Request(scenario, role))[0] == "chcp 65001 > nul"


def test_a_route_without_next_hop_is_no_gateway() -> None:
    (line,) = [line for line in commands(Request(Scenario.TCP, Role.CLIENT)) if "route print -4" in line]
    wanted = re.compile(line.partition('/c:"')[2].partition('"')[0])
    assert wanted.match("          0.0.0.0          0.0.0.0         10.1.1.1       10.1.1.20     25")
    assert not wanted.match("          0.0.0.0          0.0.0.0         On-link       10.64.3.20     25")
    assert not wanted.match("          0.0.0.0          0.0.0.0   Auf Verbindung      10.64.3.20     25")
    assert not wanted.match("         10.0.0.0        255.0.0.0         10.1.1.1       10.1.1.20     25")


def test_what_the_filtering_platform_recorded_is_unpacked() -> None:
    lines = commands(Request(Scenario.TCP, Role.SERVER))
    stopped, unpacked = places(lines, "netsh wfp capture stop", "expand wfpdiag.cab -F:* .")
    assert stopped < unpacked
