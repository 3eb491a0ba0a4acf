"""Files of keys are known by content, read as far as they can be, and refused in a sentence that names file and way out."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.keys import (
    MASTER,
    PASSWORD,
    RANDOM,
    certificate_bytes,
    indefinite,
    log_line,
    modulus,
    openssl,
    other_key,
    pfx,
    private_bytes,
    rsa_key,
)
from wireproof.decrypt.keys.files import Content, find_content, read_keys
from wireproof.decrypt.keys.ring import KeyKind, KeyRing
from wireproof.errors import KeyMaterialError, LockedKeysError

KEY = private_bytes(rsa_key())
OTHER = private_bytes(rsa_key(1))
LOCKED = private_bytes(rsa_key(2), password=PASSWORD)
PUBLIC = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
ATTRIBUTES = b"Bag Attributes\n    localKeyID: 01 00 00 00\nKey Attributes: <No Attributes>\n"


def moduli(data: bytes, *passwords: str) -> list[int]:
    return [modulus(key) for key in read_keys(data, "some.file", passwords).private_keys]


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (KEY, Content.PEM),
        (ATTRIBUTES * 100 + KEY, Content.PEM),
        (codecs.BOM_UTF8 + KEY, Content.PEM),
        (KEY.decode().encode("utf-16"), Content.PEM),
        (certificate_bytes(), Content.PEM),
        (private_bytes(rsa_key(), pem=False), Content.DER),
        (certificate_bytes(pem=False), Content.DER),
        (pfx(), Content.DER),
        (indefinite(pfx()), Content.DER),
        (log_line(), Content.LOG),
        (certificate_bytes() + log_line(), Content.LOG),
        (b"", Content.NONE),
        (b"# notes on the case\n", Content.NONE),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", Content.NONE),
        (b"\xd4\xc3\xb2\xa1" + bytes(30), Content.NONE),
        (b"<html>-----BEGIN</html>", Content.NONE),
    ],
)
def test_a_file_is_known_by_its_content(data: bytes, content: Content) -> None:
    assert find_content(data) is content


@pytest.mark.parametrize(
    "data",
    [
        KEY,
        KEY.replace(b"\n", b"\r\n"),
        KEY.decode().encode("utf-16"),
        ATTRIBUTES + KEY + ATTRIBUTES + certificate_bytes(),
        private_bytes(rsa_key(), "old"),
        private_bytes(rsa_key(), "old", pem=False),
        KEY.replace(b"PRIVATE KEY", b"RSA PRIVATE KEY"),
        pfx(""),
        KEY + KEY,
    ],
    ids=["PKCS#8", "CRLF", "UTF-16", "attributes", "PKCS#1", "DER", "wrong label", "PFX", "twice"],
)
def test_an_open_key_is_read_from_every_form(data: bytes) -> None:
    assert moduli(data) == [modulus(rsa_key())]


@pytest.mark.parametrize(
    "data",
    [
        private_bytes(rsa_key(), password=PASSWORD),
        private_bytes(rsa_key(), password=PASSWORD, pem=False),
        private_bytes(rsa_key(), "old", password=PASSWORD),
        pfx(),
        indefinite(pfx()),
    ],
    ids=["PKCS#8", "DER", "old PEM", "PFX", "PFX in BER"],
)
def test_a_locked_file_needs_the_right_password(data: bytes) -> None:
    assert moduli(data, "no", PASSWORD) == [modulus(rsa_key())]
    with pytest.raises(LockedKeysError, match=r"^server\.key is encrypted and no password was given.*--password-file"):
        read_keys(data, "server.key")
    with pytest.raises(LockedKeysError, match=r"^server\.key is encrypted and the password given does not open it"):
        read_keys(data, "server.key", ["no"])
    with pytest.raises(LockedKeysError, match=r"none of the 2 passwords given opens it"):
        read_keys(data, "server.key", ["no", "neither"])


def test_several_keys_of_a_file_are_read_and_what_stays_locked_is_told() -> None:
    read = read_keys(certificate_bytes() + KEY + OTHER + LOCKED, "all.pem")
    assert [modulus(key) for key in read.private_keys] == [modulus(rsa_key()), modulus(rsa_key(1))]
    assert read.certificates == [certificate_bytes(pem=False)]
    assert read.notes == [
        "1 of its keys is encrypted and no password was given; write it into a file and name that with --password-file"
    ]


def test_a_damaged_key_costs_no_other() -> None:
    damaged = KEY[:100] + b"?" + KEY[101:]
    read = read_keys(damaged + OTHER, "all.pem")
    assert [modulus(key) for key in read.private_keys] == [modulus(rsa_key(1))]
    assert read.notes == ["the key at byte 0 is damaged at byte 100: what is no base64 stands in it"]


@pytest.mark.parametrize("kind", ["EC", "DSA", "Ed25519"])
def test_keys_that_open_nothing_are_told(kind: str) -> None:
    read = read_keys(private_bytes(other_key(kind)), "server.pem")
    assert not read.private_keys
    assert read.notes == [f"its {kind} key opens no session: those have forward secrecy, and only a key log opens them"]


def test_a_key_of_ssh_is_told() -> None:
    text = b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    assert read_keys(text, "id_rsa").notes == ["its OpenSSH key is none that a TLS server uses"]


@pytest.mark.parametrize(
    ("data", "count", "said"),
    [
        (
            certificate_bytes(),
            1,
            "it holds a certificate and no private key, so it opens nothing; a PFX that was exported with the private key holds both",
        ),
        (certificate_bytes(pem=False) + b"\r\n", 1, "it holds a certificate and no private key"),
        (certificate_bytes() + certificate_bytes(1), 2, "it holds 2 certificates and no private key"),
    ],
)
def test_certificates_alone_are_kept_and_told(data: bytes, count: int, said: str) -> None:
    read = read_keys(data, "server.cer")
    assert len(read.certificates) == count
    assert read.notes[0].startswith(said)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "holds no key: it is empty"),
        (b"hello", "holds no key: it is neither a private key"),
        (b"\xfe\xed\xfe\xed\0\0\0\2", "holds no key: it is a Java keystore; keytool"),
        (b"\x1e\xf1\xb5\xb0", "holds no key: it is a PVK key of Microsoft"),
        (KEY[:300], "can't be read: the key at byte 0 is damaged at byte 300: its END line is missing"),
        (certificate_bytes()[:90], "can't be read: the certificate at byte 0 is damaged at byte 90"),
        (private_bytes(rsa_key(), pem=False)[:300], "can't be read: it is a private key (PKCS#8) cut at byte 300 of"),
        (pfx()[:300], "can't be read: it is a PFX (PKCS#12) cut at byte 300 of"),
        (indefinite(pfx())[:300], "can't be read: it is damaged"),
        (certificate_bytes(pem=False)[:300], "can't be read: it is a certificate cut at byte 300"),
        (PUBLIC, "holds no private key"),
        (KEY.replace(b"M", b"!"), "can't be read: the key at byte 0 is damaged at byte"),
    ],
)  # fmt: skip
def test_a_file_without_a_readable_key_is_refused_in_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(KeyMaterialError) as caught:
        read_keys(data, "case/server.key", ["x"])
    assert str(caught.value).startswith(f"case/server.key {why}")
    assert not isinstance(caught.value, LockedKeysError)


def test_a_log_that_holds_nothing_yet_says_so() -> None:
    read = read_keys(b"# SSL/TLS secrets log file, generated by NSS\n", "sslkeys.log")
    assert (read.kind, read.notes) == (KeyKind.KEY_LOG, ["it holds no secret yet"])


def test_keys_go_on_a_ring_under_their_file_name() -> None:
    ring = KeyRing()
    read_keys(log_line() + b"bad\n", "sslkeys.log").add_to(ring, "sslkeys.log")
    read_keys(KEY, "server.pem").add_to(ring, "server.pem")
    assert [(source.name, source.kind, source.count) for source in ring.sources] == [
        ("sslkeys.log", KeyKind.KEY_LOG, 1),
        ("server.pem", KeyKind.PRIVATE_KEY, 1),
    ]
    assert ring.sources[0].notes == ["line 2: it starts with no known label"]
    assert ring.logged("CLIENT_RANDOM", RANDOM)
    assert ring.private_key(modulus(rsa_key()))


def test_what_is_printed_of_a_file_shows_neither_key_nor_secret() -> None:
    shown = repr(read_keys(log_line(), "a")) + repr(read_keys(KEY + OTHER, "b"))
    assert not [part for part in (MASTER.hex(), repr(MASTER)[2:-1], str(modulus(rsa_key()))) if part in shown]


def test_an_error_repeats_no_password() -> None:
    with pytest.raises(LockedKeysError) as caught:
        read_keys(pfx(), "server.pfx", ["Hush-99"])
    assert "Hush" not in str(caught.value)


def test_the_session_that_openssl_saves_as_text_is_a_log() -> None:
    text = openssl("version") + f"    Session-ID: 00AA\n    Master-Key: {MASTER.hex()}\n".encode()
    assert read_keys(text, "s_client.txt").secrets == {("RSA Session-ID", b"\0\xaa"): MASTER}


REAL = {
    "snakeoil/snakeoil-rsa.key": (1, 0, ""),
    "snakeoil2/rsasnakeoil2.key": (1, 0, ""),
    "wireshark/rsa-p-lt-q.key": (1, 0, ""),
    "wireshark/rsa-p-lt-q.p8": (1, 0, ""),
    "wireshark/key.p12": (1, 0, "WebAS"),
    "wireshark/udt-dtls.key": (1, 0, ""),
    "wireshark/tls-over-tls.key": (1, 0, ""),
    "wireshark/tls13-rfc8446.keys": (0, 9, ""),
    "wireshark/tls12-chacha20poly1305.keys": (0, 8, ""),
    "wireshark/dhe1_keylog.dat": (0, 1, ""),
    "ws-cssp/cert.key": (1, 0, ""),
    "ws-cssp/cert.pem": (1, 0, ""),
    "pcapFS/feature_test_keyfiles_master_and_premaster.key": (0, 2, ""),
    "pcapFS/all_ciphers_test_all_ciphers.key": (0, 31, ""),
    "scapy/tls_nss_example.keys.txt": (0, 6, ""),
    "sip-tls13/key.pem": (1, 0, ""),
}


@pytest.mark.parametrize("name", REAL)
def test_keys_of_real_captures_are_read(name: str, captures: Path) -> None:
    path = captures / "keys" / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    private_keys, secrets, password = REAL[name]
    read = read_keys(path.read_bytes(), name, [password])
    assert (len(read.private_keys), len(read.secrets), read.notes) == (private_keys, secrets, [])


SEEDS = [
    KEY,
    pfx(),
    pfx(""),
    indefinite(pfx("")),
    private_bytes(rsa_key(), "old", pem=False),
    log_line(),
    certificate_bytes(pem=False),
]
SEEDS += [private_bytes(other_key("EC"), pem=False), private_bytes(rsa_key(), pem=False), certificate_bytes() + KEY]


@settings(max_examples=150)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=4),
    st.integers(0, 6000),
)
def test_damage_raises_nothing_but_the_errors_that_are_meant(
    seed: bytes, changes: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(seed)
    for at, value in changes:
        data[at % len(data)] = value
    read_or_refuse(bytes(data[:length]))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    read_or_refuse(data)
    read_or_refuse(b"\x30\x80" + data)
    read_or_refuse(b"-----BEGIN PRIVATE KEY-----\n" + data + b"\n-----END PRIVATE KEY-----")


def read_or_refuse(data: bytes) -> None:
    try:
        read_keys(data, "any", ["x"])
    except KeyMaterialError as error:
        assert str(error).startswith("any ")  # noqa: PT017 - either end is right
