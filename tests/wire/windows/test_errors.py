"""Windows error codes have the names that Microsoft's lists and tshark give them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.windows.errors import (
    TABLES,
    Table,
    find_windows_codes,
    find_windows_errors,
    unpack_names,
    windows_error_name,
)


@pytest.mark.parametrize(
    ("code", "table", "name"),
    [
        (0, "ntstatus", "STATUS_SUCCESS"),
        (0xC0000022, "ntstatus", "STATUS_ACCESS_DENIED"),
        (0xC000006D, "ntstatus", "STATUS_LOGON_FAILURE"),
        (0x103, "ntstatus", "STATUS_PENDING"),
        (5, "win32", "ERROR_ACCESS_DENIED"),
        (1722, "win32", "RPC_S_SERVER_UNAVAILABLE"),
        (10060, "win32", "WSAETIMEDOUT"),
        (13801, "win32", "ERROR_IPSEC_IKE_AUTH_FAIL"),
        (13868, "win32", "ERROR_IPSEC_IKE_POLICY_MATCH"),
        (0x52E, "win32", "ERROR_LOGON_FAILURE"),
        (0x80070005, "hresult", "E_ACCESSDENIED"),
        (0x80090325, "hresult", "SEC_E_UNTRUSTED_ROOT"),
        (-2146762487, "hresult", "CERT_E_UNTRUSTEDROOT"),
        (0x800706BA, "hresult", "HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)"),
        (0xD0000022, "hresult", "HRESULT_FROM_NT(STATUS_ACCESS_DENIED)"),
        (0xC0001234, "ntstatus", "0xC0001234"),
    ],
)
def test_a_code_has_its_name(code: int, table: Table, name: str) -> None:
    assert windows_error_name(code, table) == name


def test_a_number_may_mean_something_in_several_tables() -> None:
    assert find_windows_errors(0x80000005) == [("ntstatus", "STATUS_BUFFER_OVERFLOW")]
    assert find_windows_errors(0) == [("ntstatus", "STATUS_SUCCESS"), ("win32", "ERROR_SUCCESS"), ("hresult", "S_OK")]
    assert find_windows_errors(0x12345678) == []


def test_a_code_is_found_by_its_name_in_any_case() -> None:
    assert find_windows_codes("status_access_denied") == [("ntstatus", 0xC0000022)]
    assert find_windows_codes("nothing_of_this_name") == []


def test_names_are_packed_in_runs() -> None:
    assert unpack_names("0A ONE TWO; 10 !OTHER\n20 THREE", "E_") == {
        10: "E_ONE",
        11: "E_TWO",
        16: "OTHER",
        32: "E_THREE",
    }


@given(st.integers(-(2**40), 2**40), st.sampled_from(TABLES))
def test_any_number_has_a_text(code: int, table: Table) -> None:
    assert windows_error_name(code, table)


def test_ntstatus_names_are_those_of_tshark(program: Callable[[str], str]) -> None:
    lines = subprocess.run([program("tshark"), "-G", "values"], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in lines.splitlines() if line.startswith("V\tsmb2.nt_status\t")]
    known = {int(row[2], 0): row[3] for row in rows if row[3].startswith("STATUS_")}
    ours = {code: windows_error_name(code, "ntstatus") for code in known}
    differ = {code for code, name in known.items() if ours[code] != name}
    assert len(known) > 700
    # One of theirs is a Win32 code.
    assert len(differ) < 0.01 * len(known)
