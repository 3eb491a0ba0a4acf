"""What conversations are conversations with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d15_rpc
from tests.support.compared import Run, run_case, sight
from tests.support.verdicts import open_case
from wireproof.processes.compare.services import Services


def test_a_name_comes_from_http_before_dns(tmp_path: Path) -> None:
    services = Services(sight(run_case(tmp_path / "one", Run())))
    assert {services.of(number).title for number in range(2)} == {"10.1.1.53:53 (udp)", "www.example.com:80 (http)"}


def test_without_data_the_looked_up_name_counts(tmp_path: Path) -> None:
    services = Services(sight(run_case(tmp_path / "one", Run(connects=False))))
    assert "www.example.com:80" in {services.of(number).title for number in range(2)}
    assert any(services.of(number).address == "192.0.2.80" for number in range(2))


def test_without_any_name_the_address_stands(tmp_path: Path) -> None:
    services = Services(sight(run_case(tmp_path / "one", Run(lookup=False, connects=False))))
    found = [services.of(number) for number in range(2)]
    assert [(service.name, service.named) for service in found if service.port == 80] == [("192.0.2.80", False)]


def test_an_address_in_a_request_is_no_name(tmp_path: Path) -> None:
    services = Services(sight(run_case(tmp_path / "one", Run(name="192.0.2.80", lookup=False))))
    found = [services.of(number) for number in range(2)]
    assert [(service.name, service.named) for service in found if service.port == 80] == [("192.0.2.80", False)]


def test_a_defect_in_one_table_costs_its_names_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = sight(run_case(tmp_path / "one", Run()))
    monkeypatch.setattr(type(seen.said), "tls_sessions", property(lambda said: 1 / 0))
    services = Services(seen)
    assert any(services.of(number).name == "www.example.com" for number in range(2))
    assert [note.partition(" stopped")[0] for note in services.notes] == ["reading names from TLS"]


def test_a_port_that_an_activation_named_is_dynamic_also_where_nothing_answers(tmp_path: Path) -> None:
    case = open_case({"server": d15_rpc.build(tmp_path)["server"]})
    ports = case.points[0].conversations.side_facts("port")
    (silent,) = sorted({number for number, pair in enumerate(ports.tolist()) if 1431 in pair})[:1]
    service = Services(sight(case)).of(silent)
    assert (service.protocol, service.port) == ("rpc", 0)
