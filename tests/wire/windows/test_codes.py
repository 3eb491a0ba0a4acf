"""Codes as logs print them: hexadecimal, decimal, signed and by name, with every table that holds the number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.windows.codes import Reading, read_code
from wireproof.wire.windows.errors import TABLES, find_windows_codes, find_windows_errors

ARTICLES = {
    "0x800b0109": "CERT_E_UNTRUSTEDROOT",
    "10060": "WSAETIMEDOUT",
    "0x274c": "WSAETIMEDOUT",
    "0x274C": "WSAETIMEDOUT",
    "0x8007274c": "HRESULT_FROM_WIN32(WSAETIMEDOUT)",
    "0xC00000B5": "STATUS_IO_TIMEOUT",
    "0xC000020D": "STATUS_CONNECTION_RESET",
    "10061": "WSAECONNREFUSED",
    "10054": "WSAECONNRESET",
    "0x0": "ERROR_SUCCESS",
    "0x103": "ERROR_NO_MORE_ITEMS",
    "0x2AF9": "WSAHOST_NOT_FOUND",
    "0x2AFC": "WSANO_DATA",
    "0x4BE": "ERROR_INVALID_NETNAME",
    "0x80092013": "CRYPT_E_REVOCATION_OFFLINE",
    "0x80090326": "SEC_E_ILLEGAL_MESSAGE",
    "0x643": "ERROR_INSTALL_FAILURE",
    "0x34": "ERROR_DUP_NAME",
    "0x32": "ERROR_NOT_SUPPORTED",
    "13801": "ERROR_IPSEC_IKE_AUTH_FAIL",
    "13805": "ERROR_IPSEC_IKE_TIMED_OUT",
    "13806": "ERROR_IPSEC_IKE_NO_CERT",
    "13825": "ERROR_IPSEC_IKE_NO_POLICY",
    "13868": "ERROR_IPSEC_IKE_POLICY_MATCH",
    "9002": "DNS_ERROR_RCODE_SERVER_FAILURE",
    "9003": "DNS_ERROR_RCODE_NAME_ERROR",
    "0x80090349": "SEC_E_CERT_WRONG_USAGE",
    "0x80072F8F": "HRESULT_FROM_WIN32(ERROR_WINHTTP_SECURE_FAILURE)",
    "-2147012721": "HRESULT_FROM_WIN32(ERROR_WINHTTP_SECURE_FAILURE)",
    "0x8024402c": "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED",
    "0x80240438": "WU_E_PT_ENDPOINT_UNREACHABLE",
}
"""Codes that articles on these errors name, as they write them."""


def likely(text: str) -> list[str]:
    return [reading.name for reading in read_code(text) if reading.likely]


@pytest.mark.parametrize(("written", "name"), ARTICLES.items())
def test_a_code_as_articles_write_it_has_its_name_and_a_meaning(written: str, name: str) -> None:
    assert name in likely(written)
    assert read_code(written)[0].meaning


@pytest.mark.parametrize(
    "written",
    [
        "0x800B0109",
        "800b0109",
        "-2146762487",
        "2148204809",
        "(0x800b0109)",
        "CERT_E_UNTRUSTEDROOT",
        "cert_e_untrustedroot",
        "0x800b0109L",
    ],
)
def test_one_code_may_be_written_in_many_ways(written: str) -> None:
    (reading,) = read_code(written)
    assert (reading.number, reading.table, reading.signed) == (0x800B0109, "hresult", -2146762487)


def test_an_hresult_is_named_by_every_table_of_the_code_that_it_carries() -> None:
    assert likely("0x80072ee7") == [
        "HRESULT_FROM_WIN32(ERROR_INTERNET_NAME_NOT_RESOLVED)",
        "HRESULT_FROM_WIN32(ERROR_WINHTTP_NAME_NOT_RESOLVED)",
    ]
    assert {one.table for one in read_code("0x80072ee7")} == {"hresult"}


def test_a_code_of_another_facility_is_not_named_by_its_last_digits() -> None:
    assert [one.name for one in read_code("0x800c2f8f")] == [""]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("HRESULT_FROM_WIN32(10061)", 0x8007274D),
        ("HRESULT_FROM_WIN32(WSAECONNREFUSED)", 0x8007274D),
        ("__hresult_from_win32(0x274d)", 0x8007274D),
        ("HRESULT_FROM_WIN32(ERROR_WINHTTP_SECURE_FAILURE)", 0x80072F8F),
        ("HRESULT_FROM_WIN32(0x80090349)", 0x80090349),
        ("HRESULT_FROM_NT(STATUS_ACCESS_DENIED)", 0xD0000022),
        ("10060 (0x274c)", 10060),
        ("0x274c (10060)", 10060),
        ("0x0000274C = 10060", 10060),
        ("WSAETIMEDOUT (10060)", 10060),
        ("0x8007274D = 2147952461 = -2147014835", 0x8007274D),
        ("80092013 (0x80092013)", 0x80092013),
    ],
)
def test_one_code_in_the_forms_that_windows_and_this_program_print(written: str, number: int) -> None:
    readings = read_code(written)
    assert {reading.number for reading in readings} == {number}
    assert readings[0].name


def test_a_name_beside_its_number_leaves_only_what_both_may_be() -> None:
    assert [one.name for one in read_code("STATUS_PENDING (0x103)")] == ["STATUS_PENDING"]


def test_what_is_printed_can_be_asked_for() -> None:
    for written in ("0x8007274D", "0x80072F8F", "0xD0000022", "0x103"):
        for reading in read_code(written):
            assert reading.number in {one.number for one in read_code(reading.name)}


def test_two_codes_in_one_text_are_both_told() -> None:
    assert {one.number for one in read_code("10060 (0x5)")} == {10060, 5}


def test_every_table_that_holds_the_number_is_shown_the_likely_one_first() -> None:
    assert [(one.table, one.name, one.likely) for one in read_code("0x103")] == [
        ("win32", "ERROR_NO_MORE_ITEMS", True),
        ("ntstatus", "STATUS_PENDING", False),
    ]
    assert [one.table for one in read_code("12002")] == ["win32", "winhttp"]


def test_bare_digits_are_decimal_and_eight_of_them_perhaps_not() -> None:
    assert read_code("1726")[0].name == "RPC_S_CALL_FAILED"
    assert read_code("80092013")[0].name == "CRYPT_E_REVOCATION_OFFLINE"
    assert read_code("0x1726")[0].number == 0x1726


def test_a_number_that_no_table_has_is_told_by_its_structure() -> None:
    assert read_code("0x800b7fff") == [Reading(0x800B7FFF, "hresult", "", "certificates")]
    assert read_code("0xC0EE0001") == [Reading(0xC0EE0001, "ntstatus", "")]
    assert read_code("10999") == [Reading(10999, "win32", "", "Winsock")]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nothing",
        "0x",
        "12:30",
        "0x123456789",
        "99999999999",
        "--1",
        "²",
        "HRESULT_FROM_WIN32(nothing)",
        "10060 (nothing)",
    ],
)
def test_what_is_no_code_is_none(written: str) -> None:
    assert read_code(written) == []


def test_a_part_of_windows_is_named_by_the_codes_range() -> None:
    parts = {read_code(code)[0].part for code in ("1722", "9003", "10060", "13801", "8240", "691")}
    assert parts == {"RPC", "DNS", "Winsock", "IPsec", "Active Directory", "remote access (RAS)"}


def test_more_than_four_thousand_names_are_known() -> None:
    names = {name for code in range(0x4000) for _, name in find_windows_errors(code)}
    assert len(names) > 2000
    assert sum(len(find_windows_codes(name)) > 0 for name in sorted(names)[:50]) == 50
    assert set(TABLES) == {"ntstatus", "win32", "winhttp", "hresult"}


@given(st.integers(0, (1 << 32) - 1))
def test_any_number_is_read_back_from_each_way_of_writing_it(number: int) -> None:
    signed = number - (1 << 32) if number >> 31 else number
    for written in (f"0x{number:08x}", str(number), str(signed)):
        assert number in {reading.number for reading in read_code(written)}


@given(st.text(max_size=20))
def test_any_text_is_taken_without_harm(written: str) -> None:
    assert all(0 <= reading.number < 1 << 32 for reading in read_code(written))
