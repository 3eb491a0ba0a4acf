"""What a failure response says by itself, and what logs add to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_sip_in_clear, d6_sip_log
from tests.support.sip_logs import with_log
from tests.support.verdicts import open_case
from wireproof.rules.sip._answer import split_end, trouble_words
from wireproof.rules.sip._answers import find_answers


@pytest.mark.parametrize(
    ("end", "parts"),
    [
        ("10.1.1.1:62973", ("10.1.1.1", "62973")),
        ("[2001:db8::1]:5061", ("2001:db8::1", "5061")),
        ("fe.contoso.com:5061", ("fe.contoso.com", "5061")),
        ("fe.contoso.com", ("fe.contoso.com", "")),
        ("", ("", "")),
    ],
)
def test_an_end_has_an_address_or_name_and_perhaps_a_port(end: str, parts: tuple[str, str]) -> None:
    assert split_end(end) == parts


def test_a_captured_response_takes_what_the_log_says_of_it(tmp_path: Path) -> None:
    case = with_log(open_case({"access": d6_sip_in_clear.build(tmp_path)["access"]}), d6_sip_log.LOG)
    (answer,) = find_answers(case, lambda message: message.status == 504)
    assert answer.named["ip-address"] == "192.168.3.10"
    assert answer.named["port"] == "5061"
    assert answer.code == "1038"
    assert "The server's own log says: Failed to complete outbound connection, 192.168.3.10:5061" in answer.explained
    assert {(row.capture, row.frame or row.line) for row in answer.evidence(case)} >= {("access", 5), ("edge.log", 49)}
    assert trouble_words(answer.troubles[0]).endswith("0x8007274c WSAETIMEDOUT")
