"""Keys from secrets, checked by published vectors and by OpenSSL's own key log."""

from __future__ import annotations

import hashlib
import ssl

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.support.tls_handshakes import TLS12, TLS13
from tests.support.tls_lab import NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER, TLS10, TLS11, Session, Setup, play
from wireproof.decrypt.keys.derive import (
    DirectionKeys,
    derive,
    draft_number,
    expand_label,
    handshake_hash,
    key_block,
    label_prefix,
    master_secret,
    next_traffic_secret,
    tls_version,
    traffic_keys,
)
from wireproof.decrypt.protect.choose import make_opener
from wireproof.wire.tls import unpack_server_hello
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

RANDOMS = (bytes(range(32)), bytes(range(100, 132)))


def parts_of(suite: int) -> SuiteParts:
    """The parts of a known suite."""
    found = suite_parts(suite)
    assert found is not None
    return found


def test_the_prf_of_tls_1_2_with_sha_256_gives_the_published_vector() -> None:
    secret, seed = bytes.fromhex("9bbe436ba940f017b17652849a71db35"), bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c")
    assert derive(0x0303, "sha256", secret, b"test label", seed, 100).hex() == (
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17"
        "abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66"
    )


def test_the_prf_of_tls_1_2_with_sha_384_gives_the_published_vector() -> None:
    secret, seed = bytes.fromhex("b80b733d6ceefcdc71566ea48e5567df"), bytes.fromhex("cd665cf6a8447dd6ff8b27555edb7465")
    expected = "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0"
    assert derive(0xFEFD, "sha384", secret, b"test label", seed, 48).hex() == expected


def test_the_prf_of_tls_1_0_gives_the_published_vector() -> None:
    found = derive(0x0301, "sha256", b"\xab" * 48, b"PRF Testvector", b"\xcd" * 64, 104)
    assert found.hex() == (
        "d3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754443bcf9a296519bc289abcbc1187e4ebd31e602353776c40"
        "8aafb74cbc85eff69255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f1afbc655a8c9a013"
    )


def test_halves_of_an_odd_secret_share_its_middle_byte() -> None:
    from wireproof.decrypt.keys.derive import _p_hash

    one, other = _p_hash("md5", b"abc", b"seed", 20), _p_hash("sha1", b"cde", b"seed", 20)
    expected = bytes(a ^ b for a, b in zip(one, other, strict=True))
    assert derive(0x0302, "sha256", b"abcde", b"", b"seed", 20) == expected


def test_key_material_of_ssl_3_0_is_that_of_rfc_6101() -> None:
    def turn(letters: bytes) -> bytes:
        return hashlib.md5(b"secret" + hashlib.sha1(letters + b"secret" + RANDOMS[0] + RANDOMS[1]).digest()).digest()

    expected = turn(b"A") + turn(b"BB") + turn(b"CCC")
    assert master_secret(0x0300, "sha256", b"secret", *RANDOMS) == expected


@pytest.mark.parametrize(("version", "size"), [(0x0301, 104), (0x0302, 72), (0x0303, 72), (0xFEFF, 72), (0xFEFD, 72)])
def test_the_key_block_is_cut_in_the_order_of_rfc_5246(version: int, size: int) -> None:
    block = derive(version, "sha256", bytes(48), b"key expansion", RANDOMS[1] + RANDOMS[0], size)
    client, server = key_block(version, parts_of(0x002F), bytes(48), *RANDOMS)
    assert client.mac + server.mac + client.key + server.key + client.iv + server.iv == block
    assert len(client.mac) == 20
    assert len(client.key) == 16


def test_export_keys_of_tls_1_0_are_made_twice() -> None:
    parts = parts_of(0x0008)
    client, server = key_block(0x0301, parts, bytes(48), *RANDOMS)
    block = derive(0x0301, "", bytes(48), b"key expansion", RANDOMS[1] + RANDOMS[0], 50)
    both = RANDOMS[0] + RANDOMS[1]
    assert client.key == derive(0x0301, "", block[40:45], b"client write key", both, 8)
    assert server.key == derive(0x0301, "", block[45:50], b"server write key", both, 8)
    assert client.iv + server.iv == derive(0x0301, "", b"", b"IV block", both, 16)


def test_export_keys_of_ssl_3_0_are_made_twice() -> None:
    client, server = key_block(0x0300, parts_of(0x0003), bytes(48), *RANDOMS)
    block = derive(0x0300, "", bytes(48), b"", RANDOMS[1] + RANDOMS[0], 42)
    assert client.key == hashlib.md5(block[32:37] + RANDOMS[0] + RANDOMS[1]).digest()
    assert server.key == hashlib.md5(block[37:42] + RANDOMS[1] + RANDOMS[0]).digest()


def test_traffic_keys_are_those_of_rfc_8448() -> None:
    secret = bytes.fromhex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21")
    keys = traffic_keys(parts_of(0x1301), secret)
    assert keys.key.hex() == "dbfaa693d1762c5b666af5d950258d01"
    assert keys.iv.hex() == "5bd3c71b836e0b76bb73265f"


def test_early_drafts_and_dtls_have_labels_of_their_own() -> None:
    assert [label_prefix(version) for version in (0x0304, 0x7F12, 0x7F14, 0xFEFC)] == [
        "tls13 ",
        "TLS 1.3, ",
        "tls13 ",
        "dtls13",
    ]
    assert [draft_number(version) for version in (0x0304, 0x7F12, 0x7E02, 0xFB1A)] == [28, 18, 22, 26]


def test_the_next_traffic_secret_has_the_length_of_the_hash() -> None:
    parts = parts_of(0x1302)
    assert next_traffic_secret(parts, bytes(48)) == expand_label(bytes(48), "traffic upd", 48, "sha384")
    assert next_traffic_secret(parts, bytes(48), 0x7F12) != next_traffic_secret(parts, bytes(48))


def test_versions_of_dtls_stand_for_those_of_tls() -> None:
    assert [tls_version(version) for version in (0x0300, 0x0100, 0xFEFF, 0xFEFD, 0xFEFC, 0x7F1C)] == [
        0x0300,
        0x0302,
        0x0302,
        0x0303,
        0x0304,
        0x0304,
    ]


def test_keys_are_not_shown() -> None:
    assert repr(DirectionKeys(b"mac", b"key", b"iv")) == "DirectionKeys()"


# --- sessions of OpenSSL ---------------------------------------------------------------------------------------------

Record = tuple[int, bytes]


def records_of(wire: bytes) -> list[Record]:
    """Type and body of each record."""
    found, at = [], 0
    while at < len(wire):
        size = int.from_bytes(wire[at + 3 : at + 5], "big")
        found.append((wire[at], wire[at + 5 : at + 5 + size]))
        at += 5 + size
    return found


def handshake_until(records: list[Record], last: int) -> list[bytes]:
    """Handshake messages, header included, up to the first of type `last`."""
    data = b"".join(body for kind, body in records[: [kind for kind, _ in records].index(20)] if kind == 22)
    found = []
    while data:
        size = 4 + int.from_bytes(data[1:4], "big")
        found.append(data[:size])
        data = data[size:]
        if found[-1][0] == last:
            break
    return found


def logged(session: Session) -> dict[str, bytes]:
    """Secrets of a key log with one session by label."""
    lines = [line.split() for line in session.key_log.decode().splitlines() if line and line[0] != "#"]
    return {label: bytes.fromhex(secret) for label, _, secret in lines}


@pytest.mark.parametrize(
    ("version", "suite"),
    [
        (TLS10, "AES128-SHA"),
        (TLS11, "AES128-SHA"),
        (TLS12, "AES128-SHA"),
        (TLS12, "AES256-SHA256"),
        (TLS12, "AES256-GCM-SHA384"),
    ],
)
@pytest.mark.parametrize("options", [0, NO_EXTENDED_MASTER | NO_ENCRYPT_THEN_MAC, NO_ENCRYPT_THEN_MAC])
def test_sessions_of_openssl_open_with_its_private_key(version: ssl.TLSVersion, suite: str, options: int) -> None:
    session = play(Setup(version=version, suite=suite, options=options))
    client, server = records_of(session.wire("client")), records_of(session.wire("server"))
    hello, *_, exchange = handshake_until(client, 16)
    answers = handshake_until(server, 14)
    key = load_pem_private_key(session.private_key, None)
    assert isinstance(key, RSAPrivateKey)
    premaster = key.decrypt(exchange[6:], padding.PKCS1v15())
    parts = parts_of(int.from_bytes(answers[0][4 + 35 + answers[0][38] :][:2], "big"))
    randoms = hello[6:38], answers[0][6:38]
    messages = hello + b"".join(answers) + exchange
    digest = handshake_hash(session.version, parts.prf, messages)
    answered = unpack_server_hello(answers[0][4:])
    assert answered is not None
    extended = 23 in answered.extensions
    assert extended == (options & NO_EXTENDED_MASTER == 0)
    master = master_secret(session.version, parts.prf, premaster, *randoms, digest if extended else b"")
    assert master == logged(session)["CLIENT_RANDOM"]
    keys = key_block(session.version, parts, master, *randoms)
    for records, own, said in zip((client, server), keys, session.said, strict=True):
        opener = make_opener(session.version, parts, own, 22 in answered.extensions)
        protected = records[[kind for kind, _ in records].index(20) + 1 :]
        opened = [opener.open(n, kind, session.version, body) for n, (kind, body) in enumerate(protected)]
        assert b"".join(data for kind, data in opened if kind == 23) == said
        assert opened[0][1][:4] == b"\x14\0\0\x0c"
        assert opened[-1] == (21, b"\x01\0")


def test_a_session_of_openssl_in_tls_1_3_opens_with_its_key_log() -> None:
    session = play(Setup(version=TLS13))
    secrets = logged(session)
    for by, said in zip(("client", "server"), session.said, strict=True):
        records = records_of(session.wire(by))
        parts = parts_of(0x1302)
        protected = [body for kind, body in records if kind == 23]
        data, number = b"", 0
        opener = make_opener(0x0304, parts, traffic_keys(parts, secrets[f"{by.upper()}_HANDSHAKE_TRAFFIC_SECRET"]))
        for body in protected:
            kind, clear = opener.open(number, 23, 0x0303, body)
            number += 1
            if kind == 22 and clear[0] == 20:
                opener = make_opener(0x0304, parts, traffic_keys(parts, secrets[f"{by.upper()}_TRAFFIC_SECRET_0"]))
                number = 0
            data += clear if kind == 23 else b""
        assert data == said
