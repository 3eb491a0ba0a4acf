"""IKE messages: AuthIP after MS-AIPS and the printed frame 226, IKEv1 and IKEv2, and bytes that are none."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.support.ike import (
    AUTH,
    COOKIE_I,
    KE,
    MAIN,
    MAMIE,
    NO_COOKIE,
    NONCE,
    NOTIFY,
    QUICK,
    VID,
    N,
    authip,
    ikev2,
    message,
    notify_status,
    notify_v2,
    proposal_v1,
    sealed,
    vendor,
)
from wireproof.wire.ike import PAYLOADS, notify_name, unpack_ike, vendor_name, windows_build, windows_error


def test_the_first_authip_message_of_a_directaccess_client_reads_as_network_monitor_printed_it() -> None:
    data = authip(NOTIFY, [notify_status(0x3619)], cookies=(COOKIE_I, NO_COOKIE))
    assert len(data) == 52
    fields = unpack_ike(data)
    assert fields is not None
    assert (fields.protocol, fields.exchange_name, fields.payload_names) == ("authip", "notify", ("CRYPTO", "N"))
    [notify] = fields.notifies
    assert (notify_name(notify.kind, "authip"), windows_error(notify, "authip")) == ("NOTIFY_STATUS", 13849)
    assert not fields.encrypted


def test_flags_where_ikev1_has_the_size_of_the_spi_do_not_shift_the_error() -> None:
    fields = unpack_ike(authip(MAIN, [(N, struct.pack("!IBBHI", 1, 1, 1, 0x9C54, 13801))], initialization=bytes(8)))
    assert fields is not None
    assert [windows_error(notify, fields.protocol) for notify in fields.notifies] == [13801]


def test_an_encrypted_authip_message_ends_with_its_crypto_payload() -> None:
    fields = unpack_ike(sealed(QUICK, message_id=7))
    assert fields is not None
    assert (fields.payload_names, fields.encrypted, fields.message_id) == (("CRYPTO",), True, 7)


def test_main_mode_of_authip_shows_its_payloads_and_vendor_ids() -> None:
    fields = unpack_ike(
        authip(
            MAIN, [proposal_v1([b""]), (KE, bytes(8)), (NONCE, bytes(8)), (AUTH, b"\0\2\0\0"), vendor(9), (VID, MAMIE)]
        )
    )
    assert fields is not None
    assert fields.payload_names == ("CRYPTO", "SA", "KE", "NONCE", "AUTH", "VID", "VID")
    assert [vendor_name(body) for body in fields.vendor_ids] == ["MS NT5 ISAKMPOAKLEY 9", "MS-MamieExists"]
    assert [windows_build(body) for body in fields.vendor_ids] == [9, 0]


def test_ikev1_payloads_are_read_until_they_are_encrypted() -> None:
    clear = unpack_ike(message([(4, bytes(8)), (10, bytes(4))], 2))
    hidden = unpack_ike(message([(8, bytes(20))], 5, flags=1))
    assert clear is not None
    assert hidden is not None
    assert (clear.payload_names, clear.exchange_name) == (("KE", "NONCE"), "main mode")
    assert (hidden.payload_names, hidden.encrypted) == ((), True)


def test_an_ikev1_notify_has_an_spi_before_its_data() -> None:
    fields = unpack_ike(message([(11, struct.pack("!IBBH", 1, 1, 4, 14) + b"spi!" + b"why")], 5))
    assert fields is not None
    assert [(notify.kind, notify.data) for notify in fields.notifies] == [(14, b"why")]


def test_what_an_sk_payload_of_ikev2_names_as_next_lies_inside_it() -> None:
    kind, body = 46, bytes(60)
    data = bytearray(ikev2([notify_v2(16390, b"cookie"), (kind, body)], 35, message_id=1))
    data[-64] = 35  # the first payload inside
    fields = unpack_ike(bytes(data))
    assert fields is not None
    assert (fields.payload_names, fields.encrypted) == (("N", "SK"), True)
    assert notify_name(fields.notifies[0].kind, "ikev2") == "COOKIE"


def test_a_message_cut_by_the_capture_gives_what_is_there() -> None:
    whole = message([(4, bytes(100)), (10, bytes(20))], 2)
    fields = unpack_ike(whole[:80])
    assert fields is not None
    assert (fields.payload_names, fields.whole, fields.length) == (("KE",), False, len(whole))


def test_other_bytes_are_no_message() -> None:
    assert unpack_ike(b"") is None
    assert unpack_ike(bytes(60)) is None
    assert unpack_ike(message([], 77)) is None
    assert unpack_ike(message([], 35, version=0x30)) is None


def test_a_vendor_id_that_nobody_knows_is_shown_as_hex_or_as_the_text_that_it_is() -> None:
    assert vendor_name(bytes(range(16))) == bytes(range(16)).hex()
    assert vendor_name(b"OEkRbGXRvmPE") == "OEkRbGXRvmPE"
    assert vendor_name(b"\x1b[31mred") == b"\x1b[31mred".hex()


@given(st.binary(max_size=300), st.sampled_from([0x10, 0x20]), st.sampled_from([2, 5, 34, 0xF3, 0xF6]))
def test_no_bytes_raise_and_payloads_are_bounded(body: bytes, version: int, exchange: int) -> None:
    data = (
        struct.pack("!8s8sBBBBII", COOKIE_I, COOKIE_I, body[0] if body else 0, version, exchange, 0, 1, 28 + len(body))
        + body
    )
    fields = unpack_ike(data)
    if fields:
        assert len(fields.payloads) <= PAYLOADS
        assert sum(len(payload.body) + 4 for payload in fields.payloads) <= len(body) + 4
        for notify in fields.notifies:
            assert notify_name(notify.kind, fields.protocol)
            assert windows_error(notify, fields.protocol) >= 0
        assert all(map(vendor_name, (body for body in fields.vendor_ids if body)))
