"""An order that a web server refuses inside TLS: real TLS by OpenSSL in memory, in a capture taken at the server.

`python -m examples.https` writes capture, key and key log again, each time with new keys: what OpenSSL makes up can't be repeated.
Four sessions: two with an RSA key exchange (the second resumed), one with TLS 1.3 whose client wrote a key log, one that nothing opens.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from examples.files import SECOND, Frame, write_capture
from examples.packets import TCP, Ethernet, IPv4, mss, sack_permitted

SERVER, NAME = "203.0.113.10", "shop.example.com"
SERVER_MAC, GATEWAY_MAC = "02:00:5e:00:53:10", "02:00:5e:00:53:01"
START_NS = 1_741_080_600_000_000_000
"""2025-03-04 09:30:00 UTC."""
ROUND_TRIP_NS = 24_000_000
SEGMENT = 1460

CAPTURE, KEY, PASSWORD, KEY_LOG = "server.pcapng", "throwaway-key.pfx", "throwaway-key.password", "key-log.txt"
SECRET = b"not-a-secret"
"""The password of the key file. Both are public: they protect nothing but this example."""

HEAD = "Host: shop.example.com\r\nUser-Agent: OrderClient/4.2\r\n"
COOKIE = "Cookie: session=5f0c1d7e2a9b4c36\r\nAuthorization: Basic Y2xlcms6aHVudGVyMg==\r\n"
ORDER = '{"customer": 4711, "items": [{"article": "A-1002", "amount": 12}, {"article": "B-2040", "amount": 3}]}'
PAGE = "<html><head><title>Orders</title></head><body>" + "<p>Order 1002 is on its way.</p>" * 90 + "</body></html>"
REFUSED = (
    "<html><head><title>Error</title></head><body><h1>Timeout expired</h1>"
    "<p>The timeout period elapsed prior to obtaining a connection from the pool. All pooled connections were in use.</p></body></html>"
)


def request(line: str, extra: str = "", body: str = "") -> bytes:
    """An HTTP request of the client program."""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{line} HTTP/1.1\r\n{HEAD}{extra}{length}\r\n{body}".encode()


def response(status: str, body: str, kind: str = "text/html") -> bytes:
    """The server's response."""
    head = f"HTTP/1.1 {status}\r\nServer: Microsoft-IIS/10.0\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n{body}".encode()


# --- certificate and TLS ---------------------------------------------------------------------------------------------


@functools.cache
def certificate() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """A self-signed certificate of the server and its key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return built, key


def context(side: int, version: ssl.TLSVersion, suites: str = "") -> ssl.SSLContext:
    """One side's settings; the server's with its certificate."""
    made = ssl.SSLContext(side)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.minimum_version = made.maximum_version = version
    if suites:
        made.set_ciphers(suites)
    if side == ssl.PROTOCOL_TLS_SERVER:
        chain, key = certificate()
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "chain.pem")
            path.write_bytes(chain.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
            made.load_cert_chain(path)
    return made


@dataclass(frozen=True)
class End:
    """One end of a session, with what it reads and what it wrote."""

    session: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


class Tls:
    """A TLS session between two ends in memory; `sent` holds (by the client, bytes on the wire)."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext, session: ssl.SSLSession | None = None) -> None:
        self.sent: list[tuple[bool, bytes]] = []
        pairs = {by_client: (ssl.MemoryBIO(), ssl.MemoryBIO()) for by_client in (True, False)}
        self._ends = {
            True: End(client.wrap_bio(*pairs[True], server_hostname=NAME, session=session), *pairs[True]),
            False: End(server.wrap_bio(*pairs[False], server_side=True), *pairs[False]),
        }
        waiting = {True, False}
        while waiting:
            waiting = {by_client for by_client in (True, False) if not self._turn(by_client)}

    @property
    def session(self) -> ssl.SSLSession | None:
        """What another session of this client can go on from."""
        return self._ends[True].session.session

    def _turn(self, by_client: bool) -> bool:
        """Let one end go on with the handshake; whether it is done."""
        done = True
        try:
            self._ends[by_client].session.do_handshake()
        except ssl.SSLWantReadError:
            done = False
        self._carry(by_client)
        return done

    def _carry(self, by_client: bool) -> None:
        data = self._ends[by_client].outgoing.read()
        if data:
            self.sent.append((by_client, data))
            self._ends[not by_client].incoming.write(data)

    def say(self, by_client: bool, data: bytes) -> None:
        """One side writes, the other reads."""
        self._ends[by_client].session.write(data)
        self._carry(by_client)
        if self._ends[not by_client].session.read(1 << 20) != data:
            raise ValueError("OpenSSL gave other bytes than were written")

    def close(self) -> None:
        """The client's close_notify."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._ends[True].session.unwrap()
        self._carry(True)


# --- TCP around it ---------------------------------------------------------------------------------------------------


@dataclass
class Connection:
    """One TCP connection as the server's capture shows it. `at_ns` is the time of its next packet."""

    client: str
    port: int
    at_ns: int
    frames: list[Frame] = field(default_factory=list)
    seq: dict[bool, int] = field(default_factory=dict)

    def packet(self, by_client: bool, flags: str, payload: bytes = b"") -> None:
        """One segment; whoever sends it has received all that the other sent."""
        ports = (self.port, 443) if by_client else (443, self.port)
        ack = self.seq[not by_client] if "A" in flags else 0
        options = mss(SEGMENT) + sack_permitted() if "S" in flags else b""
        segment = TCP(*ports, self.seq[by_client], ack, flags, 64240, options, payload)
        pair = (self.client, SERVER) if by_client else (SERVER, self.client)
        macs = (GATEWAY_MAC, SERVER_MAC) if by_client else (SERVER_MAC, GATEWAY_MAC)
        ident = (len(self.frames) * 7 + self.port) % 65536
        self.frames.append(
            Frame(self.at_ns, bytes(Ethernet(*macs, IPv4(*pair, segment, ttl=116 if by_client else 128, ident=ident))))
        )
        self.seq[by_client] += segment.length
        self.at_ns += 40_000

    def open(self) -> None:
        """SYN, SYN/ACK, ACK."""
        self.seq = {True: 0x1F00_0000 + self.port, False: 0x7A00_0000 + self.port}
        self.packet(True, "S")
        self.packet(False, "SA")
        self.at_ns += ROUND_TRIP_NS
        self.packet(True, "A")

    def carry(self, by_client: bool, data: bytes, after_ns: int) -> None:
        """What one side sends, in full segments, and the other's acknowledgment."""
        self.at_ns += max(after_ns, ROUND_TRIP_NS) if by_client else after_ns
        parts = [data[at : at + SEGMENT] for at in range(0, len(data), SEGMENT)]
        for part in parts:
            self.packet(by_client, "PA" if part is parts[-1] else "A", part)
        self.at_ns += 0 if by_client else ROUND_TRIP_NS
        self.packet(not by_client, "A")

    def close(self) -> None:
        """FIN from both sides."""
        self.packet(True, "FA")
        self.packet(False, "FA")
        self.at_ns += ROUND_TRIP_NS
        self.packet(True, "A")


def play(connection: Connection, tls: Tls, waits_s: dict[int, float]) -> list[Frame]:
    """Put a TLS session onto a connection; `waits_s` says how long the sender of one of its flights takes, others 2 ms."""
    connection.open()
    for place, (by_client, data) in enumerate(tls.sent):
        connection.carry(by_client, data, int(waits_s.get(place, 0.002) * SECOND))
    connection.close()
    return connection.frames


# --- the case --------------------------------------------------------------------------------------------------------


def sessions(key_log: Path) -> Iterator[Frame]:
    """The frames of all four sessions."""
    tls12, tls13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    server = context(ssl.PROTOCOL_TLS_SERVER, tls12, "AES128-GCM-SHA256:AES256-SHA256")
    client = context(ssl.PROTOCOL_TLS_CLIENT, tls12, "AES128-GCM-SHA256")
    first = Tls(client, server)
    first.say(True, request("GET /orders", COOKIE))
    first.say(False, response("200 OK", PAGE))
    first.close()
    yield from play(Connection("198.51.100.23", 50112, START_NS), first, {})

    second = Tls(client, server, first.session)
    second.say(True, request("POST /orders", COOKIE, ORDER))
    refused = len(second.sent)
    second.say(False, response("500 Internal Server Error", REFUSED))
    second.close()
    yield from play(Connection("198.51.100.23", 50113, START_NS + 4 * SECOND), second, {refused: 15.2})

    logged = context(ssl.PROTOCOL_TLS_CLIENT, tls13)
    logged.keylog_filename = str(key_log)
    third = Tls(logged, context(ssl.PROTOCOL_TLS_SERVER, tls13))
    third.say(True, request("GET /health"))
    third.say(False, response("200 OK", '{"database": "busy", "pool": "100 of 100"}', "application/json"))
    third.close()
    yield from play(Connection("198.51.100.77", 61021, START_NS + 9 * SECOND), third, {})

    forward = "ECDHE-RSA-AES256-GCM-SHA384"
    fourth = Tls(context(ssl.PROTOCOL_TLS_CLIENT, tls12, forward), context(ssl.PROTOCOL_TLS_SERVER, tls12, forward))
    fourth.say(True, request("GET /orders"))
    fourth.say(False, response("200 OK", PAGE))
    fourth.close()
    yield from play(Connection("198.51.100.91", 49733, START_NS + 12 * SECOND), fourth, {})


def write_case(folder: Path) -> dict[str, Path]:
    """Write capture, key file, its password and the key log into a folder."""
    key_log = folder / KEY_LOG
    key_log.unlink(missing_ok=True)
    frames = sorted(sessions(key_log), key=lambda frame: frame.time_ns)
    built, key = certificate()
    packed = pkcs12.serialize_key_and_certificates(
        b"throwaway test key of an example, protects nothing",
        key,
        built,
        None,
        serialization.BestAvailableEncryption(SECRET),
    )
    (folder / KEY).write_bytes(packed)
    (folder / PASSWORD).write_bytes(SECRET + b"\n")
    return {"server": write_capture(folder / CAPTURE, frames), "key": folder / KEY, "key log": key_log}


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "https-order"
    target.mkdir(parents=True, exist_ok=True)
    for path in write_case(target).values():
        print(f"{path.name}: {path.stat().st_size:,} bytes")
