"""Requests."""

from __future__ import annotations

from wireproof.collect.model import Request, Role, Scenario


def test_a_request_has_a_name_for_files() -> None:
    assert Request(Scenario.TLS, Role.GATEWAY).name == "tls-gateway"
