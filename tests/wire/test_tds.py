"""TDS packets, logins, requests, errors and the ends of results."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tds_talks import (
    BATCH,
    PRELOGIN,
    batch,
    call,
    done,
    login,
    multiplexed,
    packets,
    prelogin,
    sql_error,
)
from wireproof.wire.tds import (
    Done,
    find_errors,
    measure_tds,
    unpack_batch,
    unpack_done,
    unpack_encryption,
    unpack_login,
    unpack_packet,
    unpack_procedure,
)


@pytest.mark.parametrize("headers", [True, False])
def test_a_batch_is_text_with_headers_or_without(headers: bool) -> None:
    assert unpack_batch(batch("SELECT 1 FROM t", headers)) == "SELECT 1 FROM t"


def test_a_procedure_is_called_by_name_or_number() -> None:
    assert unpack_procedure(call("dbo.GetOrders")) == "dbo.GetOrders"
    assert unpack_procedure(call(13)) == "sp_prepexec"
    assert unpack_procedure(call("sp_executesql", "SELECT 2")) == "sp_executesql SELECT 2"
    assert unpack_procedure(call(10, "SELECT 3")) == "sp_executesql SELECT 3"
    assert unpack_procedure(b"") == ""


def test_a_login_tells_who_and_where_and_no_password() -> None:
    found = unpack_login(login("PC7", "sa", "App.exe", "sql1.corp", "sales", b"NTLMSSP\0"))
    assert found is not None
    assert (found.host, found.user, found.application, found.server, found.library, found.database) == (
        "PC7", "sa", "App.exe", "sql1.corp", "ODBC", "sales",
    )  # fmt: skip
    assert found.sspi == b"NTLMSSP\0"
    assert "secret" not in repr(found)
    assert unpack_login(bytes(50)) is None


def test_prelogin_tells_encryption() -> None:
    assert [unpack_encryption(prelogin(value)) for value in range(4)] == ["off", "on", "not supported", "required"]
    assert unpack_encryption(b"\xff") == unpack_encryption(b"\1\xff\xff\0\1") == ""


def test_errors_are_found_between_other_tokens() -> None:
    body = b"\xaa\xd1 rows \xaa\0" + sql_error(208, "Invalid object name 'x'.", server="SQL1", procedure="p") + done(2)
    (error,) = find_errors(body)
    assert (error.number, error.severity, error.text) == (208, 16, "Invalid object name 'x'.")
    assert (error.server, error.procedure) == ("SQL1", "p")


def test_the_end_of_a_result_counts_its_rows() -> None:
    assert unpack_done(b"rows" + done(0x10, 17)) == Done(False, False, 17)
    assert unpack_done(done(0x2)) == Done(True, False, -1)
    assert unpack_done(done(0x20)) == Done(False, True, -1)
    assert unpack_done(b"\xfe\x10\0\xc1\0\5\0\0\0") == Done(False, False, 5)
    assert unpack_done(b"no end of a result") is None


def test_packets_are_measured_and_unwrapped() -> None:
    one = packets(BATCH, batch("SELECT 1"))
    assert measure_tds(one[:16]) == len(one)
    assert measure_tds(multiplexed(3, one)[:16]) == len(one) + 16
    assert measure_tds(b"\x17\x03\x03\x00\x20abc") == 37
    assert measure_tds(b"GET / HTTP/1.1\r\n") is None
    assert measure_tds(b"\1\1") is None
    packet, inner = unpack_packet(one), unpack_packet(multiplexed(3, one))
    assert packet is not None
    assert inner is not None
    assert (packet.session, packet.start, inner.session, inner.start) == (-1, 8, 3, 24)
    assert unpack_packet(multiplexed(3, b"", kind=2)) is None


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_give_something_bounded(noise: bytes, at: int) -> None:
    whole = sql_error(1, "abc", procedure="p") * 3 + login("a", "b", "c", "d", "e")
    for data in (noise, whole[:at] + noise + whole[at + len(noise) :]):
        assert len(find_errors(data)) <= 32
        unpack_login(data)
        unpack_batch(data)
        unpack_procedure(data)
        unpack_encryption(data)
        unpack_done(data)
        unpack_packet(packets(PRELOGIN, data))
        measure_tds(data[:16])
