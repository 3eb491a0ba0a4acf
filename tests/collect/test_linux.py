"""The steps on Linux."""

from __future__ import annotations

from wireproof.collect.linux import linux_phases
from wireproof.collect.model import Request, Role, Scenario, System


def commands(request: Request) -> list[str]:
    return [line for phase in linux_phases(request) for step in phase.steps for line in step.commands]


def test_the_capture_runs_before_the_first_marker_and_until_after_the_last() -> None:
    lines = commands(Request(Scenario.TCP, Role.CLIENT, System.LINUX, ("10.0.0.9", "10.0.0.10"), "eth0"))
    wanted = ("dumpcap -q -i eth0 ", "-s 22 ", "-s 33 10.0.0.9", "-s 44 10.0.0.10", "-s 55 ", "kill -TERM")
    order = [next(place for place, line in enumerate(lines) if text in line) for text in wanted]
    assert order == sorted(order)


def test_both_tools_write_a_ring_of_files() -> None:
    (line,) = [line for line in commands(Request(Scenario.SMB, Role.GATEWAY, System.LINUX)) if "dumpcap" in line]
    assert "-b filesize:200000 -b files:20" in line
    assert "-C 200 -W 20" in line


def test_the_certificates_of_the_peer_are_saved_at_a_tls_client() -> None:
    (line,) = [
        line
        for line in commands(Request(Scenario.TLS, Role.CLIENT, System.LINUX, ("2001:db8::5",)))
        if "s_client" in line
    ]
    assert "'[2001:db8::5]:443'" in line


def test_a_server_waits_for_the_client() -> None:
    lines = commands(Request(Scenario.TLS, Role.SERVER, System.LINUX, ("10.0.0.9",)))
    assert not [line for line in lines if "-s 33" in line or "SSLKEYLOGFILE" in line]
