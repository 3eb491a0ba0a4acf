"""A request is named by what its protocol says it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.asn1 import equal, ldap, search
from tests.support.said_over import said
from tests.support.smb_talks import create, session
from tests.support.tables import spaced
from tests.support.tds_talks import BATCH, PRELOGIN, batch, packets, prelogin
from tests.support.verdicts import make_case
from wireproof.rules.app._requests import MOST, name_request

HELLO = packets(PRELOGIN, prelogin(0))


@pytest.mark.parametrize(
    ("port", "data", "name"),
    [
        (1433, packets(BATCH, batch("SELECT *\r\n  FROM orders")), "SQL batch SELECT * FROM orders"),
        (389, ldap(2, search("dc=corp", equal("cn", "x"))), "LDAP searchRequest in 'dc=corp' (cn=x)"),
        (445, session(create(4, "report.xls")), "SMB CREATE report.xls"),
        (80, b"GET /report HTTP/1.1\r\nHost: web.corp\r\n\r\n", "HTTP GET web.corp/report"),
        (9000, b"anything else", ""),
    ],
)
def test_a_request_is_named_by_its_last_packet(tmp_path: Path, port: int, data: bytes, name: str) -> None:
    case = make_case(tmp_path, {"client": spaced(said([("client", data)], ports=(50001, port)))})
    assert name_request(case.points[0], 0, 3) == name
    assert name_request(case.points[0], 0, 2) == ""


def test_a_long_request_is_cut(tmp_path: Path) -> None:
    lines = [("client", packets(BATCH, batch("SELECT " + "x" * 500)))]
    case = make_case(tmp_path, {"client": spaced(said(lines, ports=(50001, 1433)))})
    assert len(name_request(case.points[0], 0, 3)) == MOST
