"""QUIC packets of conversations: Initial packets made with the derived keys, in one or several, with Retry and close."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.files import Frame
from tests.support.said_over import datagram
from tests.support.talk import Send
from tests.support.tls_handshakes import SERVER, Pair, client_context, server_context
from tests.support.verdicts import make_case
from wireproof.messages.quic import QuicMessage
from wireproof.wire import quic

DCID, SCID = b"\x83\x94\xc8\xf0\x3e\x51\x57\x08", b"\x11\x22"


def hello(name: str = "quic.example.com") -> bytes:
    """A ClientHello without its record."""
    context = client_context()
    context.set_alpn_protocols(["h3"])
    pair = Pair(context, server_context(SERVER), name)
    pair.handshake()
    step = pair.steps[0]
    assert isinstance(step, Send)
    assert isinstance(step.data, bytes)
    return step.data[5:]


def crypto(offset: int, data: bytes) -> bytes:
    return b"\x06" + (0x4000 | offset).to_bytes(2, "big") + (0x4000 | len(data)).to_bytes(2, "big") + data


def initial(
    frames: bytes,
    number: int = 0,
    from_client: bool = True,
    dcid: bytes = DCID,
    made_of: bytes = DCID,
    version: int = quic.VERSION_1,
) -> bytes:
    """A protected Initial packet (RFC 9001 section 5.4)."""
    keys = quic.initial_keys(version, made_of, from_client)
    assert keys
    plain = frames.ljust(40, b"\0")
    first = 0xD0 if version == quic.VERSION_2 else 0xC0
    header = bytes([first]) + version.to_bytes(4, "big") + bytes([len(dcid)]) + dcid + bytes([len(SCID)]) + SCID + b"\0"
    header += (0x4000 | (1 + len(plain) + 16)).to_bytes(2, "big") + bytes([number])
    nonce = bytes(a ^ b for a, b in zip(keys.iv, number.to_bytes(12, "big"), strict=True))
    sealed = AESGCM(keys.key).encrypt(nonce, plain, header)
    mask = Cipher(algorithms.AES(keys.header), modes.ECB()).encryptor().update(sealed[3:19])
    return bytes([header[0] ^ mask[0] & 0x0F]) + header[1:-1] + bytes([header[-1] ^ mask[1]]) + sealed


def read(folder: Path, said: Sequence[tuple[str, bytes]]) -> list[QuicMessage]:
    frames = [
        Frame(1_700_000_000_000_000_000 + turn * 1000, datagram(by, data, ports=(50001, 443)))
        for turn, (by, data) in enumerate(said)
    ]
    return list(make_case(folder, {"client": frames}).points[0].said.quic)


def test_the_name_of_a_hello_in_one_packet_is_read(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [("client", initial(crypto(0, hello())))])
    assert (found.kind, found.server_name, found.alpn, found.readable) == ("initial", "quic.example.com", ("h3",), True)
    assert (found.dcid, found.scid, found.version) == (DCID.hex(), SCID.hex(), 1)
    assert 0x1301 in found.suites


def test_a_hello_over_several_packets_in_any_order_is_put_together(tmp_path: Path) -> None:
    whole = hello()
    parts = [crypto(200, whole[200:]), crypto(100, whole[100:200]), crypto(0, whole[:100])]
    found = read(tmp_path, [("client", initial(part, number)) for number, part in enumerate(parts)])
    assert [message.server_name for message in found] == ["", "", "quic.example.com"]


def test_version_2_is_read_too(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [("client", initial(crypto(0, hello()), version=quic.VERSION_2))])
    assert found.server_name == "quic.example.com"


def test_after_a_retry_the_new_id_makes_the_keys(tmp_path: Path) -> None:
    retry = bytes.fromhex("f0 00000001") + bytes([len(SCID)]) + SCID + b"\x03new" + b"token" + bytes(16)
    later = initial(crypto(0, hello()), 1, dcid=b"new", made_of=b"new")
    found = read(tmp_path, [("client", initial(crypto(0, hello()[:50]))), ("server", retry), ("client", later)])
    assert [message.kind for message in found] == ["initial", "retry", "initial"]
    assert all(message.readable for message in found if message.kind == "initial")


def test_a_servers_close_tells_its_alert(tmp_path: Path) -> None:
    close = initial(bytes.fromhex("1c 4128 06 00"), from_client=False, dcid=SCID)
    found = read(tmp_path, [("client", initial(crypto(0, hello()))), ("server", close)])
    assert (found[1].close_code, found[1].from_client) == (0x128, False)


def test_a_damaged_packet_is_told_by_its_header_alone(tmp_path: Path) -> None:
    data = bytearray(initial(crypto(0, hello())))
    data[-1] ^= 1
    (found,) = read(tmp_path, [("client", bytes(data))])
    assert (found.readable, found.server_name, found.dcid) == (False, "", DCID.hex())
