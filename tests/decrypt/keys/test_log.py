"""Key logs: every label and every program's form is read, bad lines are told by number, and no bytes raise."""

from __future__ import annotations

import codecs
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.keys import MASTER, RANDOM, log_line
from wireproof.decrypt.keys import log as key_log
from wireproof.decrypt.keys._log import take_lines
from wireproof.decrypt.keys.log import MOST_NOTES, read_key_log, starts_like_key_log

LINE = log_line()
PARTS = [
    LINE, LINE.replace(b"\n", b"\r\n"), LINE.rstrip(), LINE.upper(), b"# comment\n", b"\n", b" ", b"\r", b"\t", b"0", b"CLIENT_RANDOM ", b"RSA ",
    b"CLIENT_TRAFFIC_SECRET_0 ", b"CLIENT_TRAFFIC_SECRET_7 ", b"PMS_CLIENT_RANDOM ", b"ECH_SECRET ", b"11" * 8 + b" ", b"ab" * 32 + b" ",
    b"cd" * 32 + b"\n", b"EF" * 48 + b"\n", b"1" * 2050 + b"\n", b"\xff", b"\0",
]  # fmt: skip
"""What lines of logs are made of, and what damages them."""
SECRETS = {("CLIENT_RANDOM", RANDOM): MASTER}
SHA256, SHA384 = b"s" * 32, b"l" * 48


@pytest.mark.parametrize(
    "data",
    [
        LINE,
        LINE.rstrip(),
        LINE.replace(b"\n", b"\r\n"),
        LINE.replace(b"\n", b"\r") * 2,
        b"# comment\n\n   \n\t# another\n" + LINE,
        codecs.BOM_UTF8 + LINE,
        LINE.decode().encode("utf-16"),
        codecs.BOM_UTF16_BE + LINE.decode().encode("utf-16-be"),
        LINE.upper(),
        b"  " + LINE.replace(b" ", b"\t "),
        LINE + LINE,
        LINE.replace(b"\n", b"\\\n"),
        LINE.replace(b"\n", b" # of curl\n"),
    ],
    ids=[
        "LF",
        "no end",
        "CRLF",
        "CR",
        "comments",
        "BOM",
        "UTF-16",
        "UTF-16 BE",
        "capitals",
        "blanks",
        "twice",
        "backslash",
        "remark",
    ],
)
def test_a_log_reads_alike_however_it_was_saved(data: bytes) -> None:
    read = read_key_log(data)
    assert (read.secrets, read.notes) == (SECRETS, [])
    assert starts_like_key_log(data)


@pytest.mark.parametrize("value", [SHA256, SHA384])
@pytest.mark.parametrize(
    "label",
    [
        "CLIENT_EARLY_TRAFFIC_SECRET", "EARLY_EXPORTER_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "CLIENT_TRAFFIC_SECRET_1",
        "SERVER_TRAFFIC_SECRET_27", "EXPORTER_SECRET", "QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET", "QUIC_SERVER_TRAFFIC_SECRET_0",
    ],
)  # fmt: skip
def test_labels_of_tls_1_3_are_found_by_the_client_random(label: str, value: bytes) -> None:
    data = log_line(label, RANDOM, value)
    assert read_key_log(data).secrets == {(label, RANDOM): value}
    assert starts_like_key_log(data)


def test_premaster_secrets_of_nss_are_found_by_encrypted_bytes_and_by_random() -> None:
    read = read_key_log(log_line("RSA", b"8 bytes.") + log_line("PMS_CLIENT_RANDOM", RANDOM, b"p" * 256))
    assert read.secrets == {("RSA", b"8 bytes."): MASTER, ("PMS_CLIENT_RANDOM", RANDOM): b"p" * 256}
    assert read.notes == []


def test_master_secrets_by_session_id_are_read() -> None:
    data = f"RSA Session-ID:{b'id'.hex()} Master-Key:{MASTER.hex()}\n".encode()
    assert read_key_log(data).secrets == {("RSA Session-ID", b"id"): MASTER}
    assert starts_like_key_log(data)


SESSION_TEXT = f"""\
CONNECTED(00000003)
depth=0 CN = server
---
SSL-Session:
    Protocol  : TLSv1.2
    Cipher    : AES128-SHA
    Session-ID: {b"one".hex().upper()}
    Session-ID-ctx:
    Master-Key: {MASTER.hex().upper()}
    PSK identity: None
    Session-ID: {b"two".hex()}
    Master-Key: {MASTER[::-1].hex()}
    Session-ID:
    Master-Key: {b"z".hex() * 48}
---
""".encode()


def test_the_session_that_openssl_prints_is_read_and_its_other_lines_are_no_mistakes() -> None:
    read = read_key_log(SESSION_TEXT)
    assert read.secrets == {("RSA Session-ID", b"one"): MASTER, ("RSA Session-ID", b"two"): MASTER[::-1]}
    assert read.notes == []
    assert starts_like_key_log(SESSION_TEXT)


def test_secrets_of_encrypted_client_hello_are_left_aside_in_silence() -> None:
    read = read_key_log(log_line("ECH_SECRET") + log_line("ECH_CONFIG", RANDOM, b"c" * 70))
    assert (read.secrets, read.notes) == ({}, [])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (log_line(found_by=b"short"), "CLIENT_RANDOM names a client random by 5 bytes, not 32"),
        (log_line("RSA"), "RSA names an encrypted premaster secret by 32 bytes, not 8"),
        (log_line(value=b"v" * 47), "CLIENT_RANDOM has a secret of 47 bytes, not 48"),
        (log_line("EXPORTER_SECRET", value=b"v"), "EXPORTER_SECRET has a secret of 1 bytes, not 32 or 48 or 64"),
        (LINE[:-3], "CLIENT_RANDOM has a secret of 47 bytes"),
        (LINE[:-2], "CLIENT_RANDOM has an odd number of digits"),
        (LINE.replace(b"00", b"xy", 1), "CLIENT_RANDOM has something else than hexadecimal digits"),
        (LINE.replace(b"05", b"0x", 1), "CLIENT_RANDOM has something else than hexadecimal digits"),
        (LINE.replace(b"04", b"\\", 1), "CLIENT_RANDOM names a client random by 4 bytes, not 32"),
        (b"CLIENT_RANDOM", "CLIENT_RANDOM has no values"),
        (b"CLIENT_RANDOM 0011", "CLIENT_RANDOM has 1 value, not 2"),
        (b"SOME_OTHER_SECRET 00 11", "label SOME_OTHER_SECRET is not known"),
        (b"deadbeef 00 11", "it starts with no known label"),
        (b"RSA Session-ID: Master-Key:" + MASTER.hex().encode(), "the session has no id"),
        (b"RSA Session-ID:00 Master-Key:0011", "a session id of 1 bytes and a master secret of 2, not 48"),
        (b"CLIENT_RANDOM " + b"0" * 64 + b" " + b"0" * 99_999, "CLIENT_RANDOM has a secret of 99999 digits"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_rest_is_read(line: bytes, why: str) -> None:
    read = read_key_log(b"# log\n" + line + b"\n" + LINE)
    assert read.secrets == SECRETS
    assert len(read.notes) == 1
    assert read.notes[0].startswith(f"line 2: {why}")


def test_notes_are_bounded_and_repeat_no_secret() -> None:
    read = read_key_log(b"".join(b"%064x %096x\n" % (number, number + 10**40) for number in range(1000)) + LINE)
    assert read.secrets == SECRETS
    assert len(read.notes) == MOST_NOTES + 1
    assert read.notes[-1] == "990 further lines hold no secret"
    assert not any("0000" in note for note in read.notes)


def test_what_is_printed_of_a_log_shows_no_secret() -> None:
    assert MASTER.hex() not in repr(read_key_log(LINE))
    assert repr(MASTER)[2:-1] not in repr(read_key_log(LINE))


def test_a_log_of_too_many_secrets_is_read_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_log.MOST_SECRETS, "value", 3)
    read = read_key_log(b"".join(log_line(found_by=bytes([number]) * 32) for number in range(9)))
    assert len(read.secrets) == 3
    assert read.notes == ["line 3 and what follows was left out: 3 secrets are the limit keys.logged_secrets"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello\n",
        b"CLIENT_RANDOM\n",
        b"RSA 12 34\n",
        b"\x0a\x0d\x0d\x0a",
        b"-----BEGIN PRIVATE KEY-----\n",
        b"\xff\xfe",
    ],
)
def test_other_text_is_no_log(data: bytes) -> None:
    assert not starts_like_key_log(data)


def test_a_log_that_a_program_has_only_opened_is_known_by_its_first_line() -> None:
    assert starts_like_key_log(b"# SSL/TLS secrets log file, generated by NSS\n")


PIECES = st.sampled_from(
    [
        b"CLIENT_RANDOM ",
        b"RSA ",
        b"Session-ID:",
        b" Master-Key:",
        b"00" * 32,
        b"11" * 48,
        b"\n",
        b"\r",
        b" ",
        b"#",
        b"\xff\xfe",
    ]
)


@given(st.one_of(st.binary(max_size=300), st.lists(PIECES | st.binary(max_size=4), max_size=30).map(b"".join)))
def test_no_bytes_raise(data: bytes) -> None:
    starts_like_key_log(data)
    read = read_key_log(data)
    assert len(read.notes) <= MOST_NOTES + 1
    assert all(isinstance(value, bytes) and value for value in read.secrets.values())


@given(st.lists(st.sampled_from(PARTS), max_size=12).map(b"".join), st.integers(1, 4))
@settings(max_examples=300)
def test_lines_that_are_taken_at_once_are_read_as_each_by_itself(data: bytes, most: int) -> None:
    with mock.patch.object(key_log, "MOST_SECRETS", mock.Mock(value=most)):
        at_once = read_key_log(data)
        with mock.patch.object(key_log, "take_lines", lambda text, at, *_: (at, 0)):
            singly = read_key_log(data)
    assert (at_once.secrets, at_once.notes) == (singly.secrets, singly.notes)
    assert list(at_once.secrets) == list(singly.secrets)


def test_what_is_usual_is_taken_up_to_what_is_not() -> None:
    forms = {b"CLIENT_RANDOM": ("CLIENT_RANDOM", (32,), (48,))}
    secrets: dict[tuple[str, bytes], bytes] = {}
    text = LINE + b"# comment\n" + LINE
    assert take_lines(text, 0, 9, forms, secrets) == (len(LINE), 1)
    assert take_lines(text, len(LINE), 9, forms, secrets) == (len(LINE), 0)
    assert take_lines(LINE * 3, 0, 2, forms, secrets) == (2 * len(LINE), 2)
    assert take_lines(b"", 0, 9, forms, secrets) == (0, 0)
    assert secrets == SECRETS
