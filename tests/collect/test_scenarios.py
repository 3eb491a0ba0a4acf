"""What scenarios need."""

from __future__ import annotations

from wireproof.collect.model import Role, Scenario, System
from wireproof.collect.scenarios import bring, providers, windows_outputs


def test_a_tls_server_shows_bindings_and_stores() -> None:
    outputs = windows_outputs(Scenario.TLS, Role.SERVER)
    assert {
        "netsh http show sslcert",
        "certutil -store -v my",
        "certutil -store -v root",
        "netstat -ano",
        "tasklist /svc",
    } <= set(outputs)


def test_a_directaccess_client_shows_its_tunnels_and_name_policy() -> None:
    outputs = windows_outputs(Scenario.DIRECTACCESS, Role.CLIENT)
    assert {"netsh interface httpstunnel show interface", "netsh namespace show effectivepolicy", "route print"} <= set(
        outputs
    )


def test_a_directaccess_client_uses_windows_own_scenario_and_one_more_provider() -> None:
    assert providers(Scenario.DIRECTACCESS, Role.CLIENT) == ("Microsoft-Windows-Iphlpsvc",)


def test_lync_asks_for_the_logs_of_either_end() -> None:
    assert any("Tracing" in text for text in bring(Scenario.LYNC, Role.CLIENT, System.WINDOWS))
    assert any("SIPStack and S4" in text for text in bring(Scenario.LYNC, Role.EDGE, System.WINDOWS))
    assert not any("SIPStack" in text for text in bring(Scenario.TCP, Role.EDGE, System.WINDOWS))
