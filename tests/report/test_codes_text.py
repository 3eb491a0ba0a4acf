"""Error codes in the terminal and as JSON."""

from __future__ import annotations

from wireproof.report.codes_text import code_object, draw_code
from wireproof.report.page import Page
from wireproof.wire.windows.codes import read_code


def drawn(code: str, width: int | None = 80) -> str:
    page = Page(width)
    draw_code(page, code, read_code(code))
    return page.text.plain


def test_a_code_is_shown_with_name_table_numbers_and_meaning() -> None:
    text = drawn("-2146762487")
    assert "CERT_E_UNTRUSTEDROOT  HRESULT, certificates" in text
    assert "0x800B0109 = 2148204809 = -2146762487" in text
    assert "does not trust" in text


def test_a_code_of_two_tables_is_shown_twice() -> None:
    text = drawn("0x103")
    assert text.index("ERROR_NO_MORE_ITEMS  Win32") < text.index("STATUS_PENDING  NTSTATUS")


def test_what_has_no_name_and_what_is_no_code_are_told_apart() -> None:
    assert "no name known  HRESULT, certificates" in drawn("0x800b7fff")
    assert "no number or name" in drawn("nothing")


def test_long_meanings_are_wrapped() -> None:
    assert max(map(len, drawn("0x80090326", 60).splitlines())) <= 60


def test_programs_get_the_same() -> None:
    made = code_object("10060", read_code("10060"))
    assert made["asked"] == "10060"
    assert made["readings"][0] | {"meaning": ""} == {
        "name": "WSAETIMEDOUT", "table": "win32", "part": "Winsock", "hex": "0x0000274C", "decimal": 10060, "signed": 10060, "likely": True,
        "meaning": "",
    }  # fmt: skip
