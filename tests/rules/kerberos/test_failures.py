"""Failures know whom they are about, and what was granted later."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.asn1 import (
    KERBEROS,
    framed,
    gss_token,
    krb_error,
    ldap,
    reply,
    request,
    result,
    sasl_bind,
    spnego_response,
)
from tests.support.said_over import said
from tests.support.tables import spaced
from tests.support.verdicts import make_case
from wireproof.rules.kerberos._failures import Failure, Granted, find_failures, find_granted


def failure(code: int, **more: Any) -> Failure:
    given: dict[str, Any] = {"principal": "bob", "service": "cifs/srv", "client": "c", "server": "s", "row": 5} | more
    return Failure(cast(Any, None), 0, request_row=-1, code=code, **given)


@pytest.mark.parametrize(
    ("code", "asked", "subject"),
    [
        (7, "TGS-REQ", "cifs/srv"),
        (24, "AS-REQ", "bob"),
        (14, "AS-REQ", "bob"),
        (14, "TGS-REQ", "cifs/srv"),
        (37, "AS-REQ", "*"),
    ],
)
def test_an_error_is_about_the_user_or_the_service(code: int, asked: str, subject: str) -> None:
    assert failure(code, asked=asked).subject == subject


def test_only_what_comes_after_the_failure_heals_it() -> None:
    granted = Granted({("c", "cifs/srv"): 9, ("other", "cifs/srv"): 99})
    assert granted.after(failure(7))
    assert not granted.after(failure(7, row=10))
    assert not granted.after(failure(7, service="cifs/else"))
    assert not granted.after(failure(7, service=""))


def test_errors_in_ldap_binds_are_found(tmp_path: Path) -> None:
    token = spnego_response(gss_token(b"\3\0", krb_error(41)), mechanism=KERBEROS)
    lines = [("client", ldap(1, sasl_bind("GSS-SPNEGO", b"x"))), ("server", ldap(1, result(0x61, 49, token=token)))]
    (point,) = make_case(tmp_path, {"c": spaced(said(lines, ports=(50001, 389)))}).points
    (group,) = find_failures(point, {0}).values()
    assert find_failures(point, set()) == {}
    assert (group[0].code, group[0].carrier, group[0].client) == (41, "LDAP", "10.0.0.1")


def test_tickets_are_remembered_by_client_and_name(tmp_path: Path) -> None:
    lines = [("client", framed(request(12, sname="cifs/A"))), ("server", framed(reply(13, "bob", "cifs/A")))]
    (point,) = make_case(tmp_path, {"c": spaced(said(lines, ports=(50001, 88)))}).points
    assert find_granted(point).rows.keys() == {("10.0.0.1", "cifs/a"), ("10.0.0.1", "*")}
