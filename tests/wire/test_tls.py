"""TLS messages as bytes: hellos of every form, lists of certificates and issuers, records, and hostile input."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.talk import Send
from tests.support.tls_handshakes import SERVER, TLS10, TLS12, TLS13, Pair, client_context, server_context
from wireproof.wire import tls
from wireproof.wire._tls import cut_record, split_messages


def handshake(version: ssl.TLSVersion, name: str = "www.example.com", protocols: tuple[str, ...] = ()) -> Pair:
    client = client_context()
    if protocols:
        client.set_alpn_protocols(list(protocols))
    pair = Pair(client, server_context(SERVER, version=version), name)
    assert pair.handshake()
    return pair


def body(pair: Pair, flight: int) -> bytes:
    """The first handshake message of a flight."""
    step = pair.steps[flight]
    assert isinstance(step, Send)
    assert isinstance(step.data, bytes)
    return step.data[9 : 9 + int.from_bytes(step.data[6:9], "big")]


def test_a_client_hello_has_name_protocols_and_versions() -> None:
    hello = tls.unpack_client_hello(body(handshake(TLS12, protocols=("h2", "http/1.1")), 0))
    assert hello
    assert (hello.server_name, hello.alpn, hello.whole) == ("www.example.com", ("h2", "http/1.1"), True)
    assert hello.versions == (0x0304, 0x0303, 0x0302, 0x0301)
    assert tls.best_version(hello) == tls.TLS_1_3
    assert 0xC02B in hello.suites


@pytest.mark.parametrize(("version", "number"), [(TLS10, 0x0301), (TLS12, 0x0303), (TLS13, 0x0304)])
def test_a_server_hello_tells_the_version_that_both_use(version: ssl.TLSVersion, number: int) -> None:
    pair = handshake(version)
    hello = tls.unpack_server_hello(body(pair, 1))
    assert hello
    assert tls.agreed_version(hello) == number
    assert len(hello.suites) == 1


def test_a_hello_that_is_cut_gives_what_is_there() -> None:
    whole = body(handshake(TLS12), 0)
    hello = tls.unpack_client_hello(whole[:80])
    assert hello
    assert (hello.whole, hello.server_name) == (False, "")
    assert len(hello.suites) == 5


def test_a_hello_in_the_form_of_ssl_2_is_read() -> None:
    hello = tls.unpack_sslv2_hello(
        bytes.fromhex("802e 01 0301 0015 0000 0010 000004 00000a 010080 0700c0 000005 00002f 000035") + bytes(range(16))
    )
    assert hello
    assert (hello.version, hello.suites, hello.whole) == (0x0301, (0x04, 0x0A, 0x05, 0x2F, 0x35), True)
    assert hello.random == bytes(range(16)).rjust(32, b"\0")


def test_values_that_only_test_tolerance_are_left_out() -> None:
    suites = b"\x0a\x0a\x13\x01\x0a\x1a\xfa\xfa"
    listed = b"\x3a\x3a\0\0\0\x2b\0\x05\x04\x7a\x7a\x03\x04" + b"\0\x10\0\x08\0\x06\x02\xda\xda\x02h2"
    body = b"\x03\x03" + bytes(33) + b"\0\x08" + suites + b"\x01\0" + len(listed).to_bytes(2, "big") + listed
    hello = tls.unpack_client_hello(body)
    assert hello
    assert (hello.suites, hello.extensions, hello.versions, hello.alpn) == (
        (0x1301, 0x0A1A),
        (43, 16),
        (0x0304,),
        ("h2",),
    )


@pytest.mark.parametrize(("version", "form"), [(tls.TLS_1_2, ""), (tls.TLS_1_3, "1.3")])
def test_a_list_of_certificates_gives_each_one(version: int, form: str) -> None:
    entries = b"".join(len(one).to_bytes(3, "big") + one + (b"\0\0" if form else b"") for one in (b"first", b"second"))
    data = (b"\0" if form else b"") + len(entries).to_bytes(3, "big") + entries
    assert tls.unpack_certificates(data, version) == [b"first", b"second"]
    assert tls.unpack_certificates(data[:-4], version) == [b"first"]
    assert tls.unpack_certificates(data[: 1 + 3 if form else 3], version) == []


@pytest.mark.parametrize(
    ("version", "front"), [(0x0301, "0201 02"), (0x0303, "0201 02 0004 0401 0403")], ids=["tls-1.0", "tls-1.2"]
)
def test_a_certificate_request_lists_issuers(version: int, front: str) -> None:
    names = b"\0\x03abc\0\x02de"
    request = tls.unpack_certificate_request(bytes.fromhex(front) + len(names).to_bytes(2, "big") + names, version)
    assert request == ((b"abc", b"de"), 9, True)
    cut = tls.unpack_certificate_request(bytes.fromhex(front) + (5000).to_bytes(2, "big") + names, version)
    assert (cut.list_bytes, cut.whole) == (5000, False)


def test_a_request_of_tls_1_3_has_its_issuers_in_an_extension() -> None:
    listed = b"\0\x05\0\x03abc"
    extension = b"\0\x2f" + len(listed).to_bytes(2, "big") + listed
    data = b"\0" + (len(extension) + 6).to_bytes(2, "big") + b"\0\x0d\0\x02\x04\x03" + extension
    assert tls.unpack_certificate_request(data, tls.TLS_1_3).authorities == (b"abc",)
    assert tls.unpack_certificate_request(b"\0\0\0", tls.TLS_1_3) == ((), 0, True)


@pytest.mark.parametrize(
    "header", ["1603010000", "1603014801", "1602010010", "4745542000", "160301", "1603050010", "1903010010"]
)
def test_what_is_no_record_is_none(header: str) -> None:
    assert tls.unpack_record(bytes.fromhex(header)) is None


def test_names_are_those_of_the_registry() -> None:
    assert [tls.alert_name(code) for code in (0, 40, 48, 112, 199)] == [
        "close_notify", "handshake_failure", "unknown_ca", "unrecognized_name", "alert 199",
    ]  # fmt: skip
    assert [tls.version_name(v) for v in (0x0300, 0x0303, 0x7F17, 0x9999)] == [
        "SSL 3.0",
        "TLS 1.2",
        "TLS 1.3 draft 23",
        "version 0x9999",
    ]


def test_a_server_name_can_not_command_a_terminal() -> None:
    assert tls.text(b"a\x1b[2Jb") == "a\\x1b[2Jb"


@given(st.binary(max_size=300), st.sampled_from([0x0300, 0x0301, 0x0303, 0x0304]))
def test_no_bytes_raise_or_give_more_than_they_hold(data: bytes, version: int) -> None:
    for unpack in (tls.unpack_client_hello, tls.unpack_server_hello, tls.unpack_sslv2_hello):
        hello = unpack(data)
        assert hello is None or len(hello.suites) <= len(data)
    tls.unpack_client_hello(b"\x03\x03" + data)
    assert sum(map(len, tls.unpack_certificates(data, version))) <= len(data)
    assert sum(map(len, tls.unpack_certificate_request(data, version).authorities)) <= len(data)


# --- records and messages ------------------------------------------------------------------------------------------------

RECORDS = b"\x16\x03\x01\x00\x04\x0e\0\0\0" + b"\x17\x03\x03\x00\x00"


def test_records_are_cut_with_their_places() -> None:
    data = b"??" + RECORDS + b"\x17\x03"
    assert cut_record(data, 2, tls.RECORD_MOST, 100) == (22, 0x0301, 102, b"\x0e\0\0\0")
    assert cut_record(data, 11, tls.RECORD_MOST, 100) == (23, 0x0303, 111, b"")
    assert cut_record(data, 16, tls.RECORD_MOST, 100) is None


@given(st.binary(max_size=60).map(lambda data: RECORDS + data), st.integers(0, 80))
def test_records_that_are_cut_are_those_that_headers_state(data: bytes, at: int) -> None:
    while record := cut_record(data, at, tls.RECORD_MOST, 0):
        kind, version, start, body = record
        assert tls.unpack_record(data[start : start + 5]) == (kind, version, len(body))
        assert (start, body) == (at, data[start + 5 : start + 5 + len(body)])
        at = start + 5 + len(body)
    rest = tls.unpack_record(data[at : at + 5])
    assert rest is None or at + 5 + rest.length > len(data)


def test_whole_messages_are_split_and_the_rest_is_left() -> None:
    both = b"\x08\0\0\0" + b"\x14\0\0\x02ab"
    assert split_messages(both + b"\x04\0") == ([both[:4], both[4:]], len(both))
    assert split_messages(both[:-1]) == ([both[:4]], 4)
    assert split_messages(b"") == ([], 0)


@given(st.binary(max_size=200).map(lambda data: b"\x03\x03" + data))
def test_no_bytes_do_harm(body: bytes) -> None:
    for unpack in (tls.unpack_client_hello, tls.unpack_server_hello):
        hello = unpack(body)
        assert hello is None or hello.random == body[2:34]
