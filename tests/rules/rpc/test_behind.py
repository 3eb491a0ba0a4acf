"""The gateway's own session behind a client's."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d11_outlook
from tests.support.verdicts import open_case
from wireproof.rules.rpc._behind import behind, embedded


def test_nat64_s_session_is_found_by_the_embedded_address(tmp_path: Path) -> None:
    case = open_case(d11_outlook.build_both(tmp_path))
    client, uag = case.points
    (number,) = uag.said.rpc.conversations
    assert behind(case, client, client.said.rpc.conversations[0]) == [("uag", number)]
    assert behind(case, uag, number) == []


def test_an_ipv6_address_may_end_in_an_ipv4_address() -> None:
    assert embedded("2002:a01:86e8:8001::a0b:202") == {"2002:a01:86e8:8001::a0b:202", "10.11.2.2"}
    assert embedded("10.11.2.2") == {"10.11.2.2"}
