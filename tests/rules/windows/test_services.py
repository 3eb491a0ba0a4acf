"""Services by both of their names, and their ports."""

from __future__ import annotations

import pytest

from wireproof.rules.windows._services import DISPLAY, PORTS, ports_of, short_name


@pytest.mark.parametrize(
    ("name", "ports"),
    [
        ("Remote Desktop Services", (3389,)),
        ("TermService", (3389,)),
        ("World Wide Web Publishing Service", (80, 443)),
        ("Lync Server Access Edge", (5060, 5061)),
        ("Services Bureau à distance", (3389,)),
        ("Servicios de Escritorio remoto", (3389,)),
        ("Spouleur d’impression", ports_of("Spooler")),
        ("Windows Update", ()),
    ],
)
def test_a_service_has_its_ports_by_either_name(name: str, ports: tuple[int, ...]) -> None:
    assert ports_of(name) == ports


def test_every_display_name_leads_to_ports() -> None:
    assert [name for name in DISPLAY if not ports_of(name)] == []
    assert [name for name in [*DISPLAY, *PORTS] if name != name.lower()] == []
    assert short_name(" MSSQLSERVER ") == "mssqlserver"
