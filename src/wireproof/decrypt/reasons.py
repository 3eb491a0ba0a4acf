"""The words for what became of a session: why it stays closed, and what to capture or set next time.

Takes a reason and what is known of the session; gives one sentence and one piece of advice. Finds nothing out.
"""

from __future__ import annotations

from dataclasses import dataclass

from wireproof.decrypt.outcome import Reason
from wireproof.wire.tls_suites import suite_name

KEY_LOG = "Set SSLKEYLOGFILE on the client before it starts (browsers, curl, Java with an agent), or let the server write a key log, and capture again"
RSA_SUITE = (
    "For a test, a suite with RSA key exchange (TLS_RSA_WITH_..., TLS 1.2 at most) can be opened with the server's key"
)
PSK_LOG = (
    "Let one of the two programs write a key log, and capture again: with OpenSSL by its key log callback (s_client and s_server: -keylogfile FILE),"
    " with GnuTLS by the environment variable SSLKEYLOGFILE, with Mbed TLS by mbedtls_ssl_set_export_keys_cb. The shared secret itself is not taken here"
)
PSK_ALONE = "Wireshark takes it in hexadecimal (Preferences, Protocols, TLS or DTLS, Pre-Shared-Key) and opens this suite with it"
QUIC_LOG = (
    "Set SSLKEYLOGFILE on the client before it starts (Chrome, Edge, Firefox, curl), or let the server write a key log, and capture again. Or turn QUIC off,"
    " and the client takes TLS over TCP: Chrome and Edge with --disable-quic or the policy QuicAllowed, Firefox with network.http.http3.enable in"
    " about:config, Windows' http.sys with EnableHttp3=0 under HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters, all clients with UDP port 443"
    " closed in a firewall"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentences name: the suite and its key exchange, who sent which alert, the side and stream offset of what is missing.

    `has_log` tells that a key log is at hand, `has_some` that it has secrets of this session, `cut` that the stream ends within a record,
    `foreign` that bytes which are no record stand there, `closed_behind` that nothing behind the offset was read, `partly` that other records opened,
    `quic` that it is a connection of QUIC.
    """

    suite: int = -1
    exchange: str = ""
    alert: str = ""
    side: str = ""
    offset: int = -1
    has_log: bool = False
    has_some: bool = False
    closed_behind: bool = False
    cut: bool = False
    foreign: bool = False
    partly: bool = False
    quic: bool = False


WHOLE_HANDSHAKE = (
    "Let the capture run on until the connection is closed. Where it stood still, capture at the other end too: that shows whether the next message"
    " was sent, and where it was lost."
)
TEXTS = {
    Reason.OTHER_KEY: "No private key at hand belongs to the server's certificate.",
    Reason.WRONG_SECRET: "A secret is at hand for this session, but no record opens with it.",
    Reason.RESUMED: "The session goes on from an earlier one whose full handshake was not opened.",
    Reason.NO_HANDSHAKE: "The capture lacks the handshake, or a part of it that the keys are made from.",
}
ADVICE = {
    Reason.NO_KEY: f"Give the private key of the server's certificate (PFX with its password, or PEM), or a key log. {KEY_LOG}.",
    Reason.FORWARD_SECRECY: f"{KEY_LOG}. {RSA_SUITE}.",
    Reason.OTHER_KEY: (
        "Export the certificate with its private key from the machine that ends TLS: behind a load balancer or proxy that is not the server."
    ),
    Reason.WRONG_SECRET: "Take the key log of the same run as the capture, and from the machine that is an end of this connection.",
    Reason.RESUMED: (
        "Start the capture before the client's first connection to this server, or make both start anew: close all windows of the"
        " browser or restart the program, and run iisreset or restart the service on the server, so that no session is resumed."
    ),
    Reason.NO_HANDSHAKE: "Start the capture before the connection is opened, and close connections that are kept open.",
    Reason.NOT_FINISHED: (
        "Nothing was said that a key could open. See what `wireproof check` says of this connection: why handshakes fail is what its rules look for."
    ),
    Reason.MISSING_BYTES: (
        "Capture with a larger buffer, without a limit of bytes a packet, and at one of the two ends rather than at a busy mirror port."
    ),
    Reason.TAMPERED: "Compare with a capture from the other end: where both show the same bytes, they were damaged before they were sent.",
    Reason.UNKNOWN_SUITE: "For a test, let the server choose a suite with AES or ChaCha20.",
    Reason.TOO_MUCH: "Cut the capture to the time or to the conversations that matter, or raise the limit (`wireproof rules --limits` lists them).",
}


def text_of(reason: Reason, facts: Facts) -> str:
    """Why a part stays closed, in one sentence; empty where all was read."""
    if reason is Reason.FORWARD_SECRECY:
        return _forward(facts)
    if reason is Reason.NO_KEY:
        if facts.has_log:
            return "The session uses RSA key exchange; no private key is at hand, and the key log has no secret of this session."
        return "The session uses RSA key exchange, and no private key is at hand."
    if reason is Reason.NOT_FINISHED:
        return f"The handshake ended before anything was encrypted{': ' + facts.alert if facts.alert else ''}."
    if reason is Reason.WRONG_SECRET and facts.partly:
        return "Some records open with the secret at hand and others don't: bytes between them are missing, or the log lacks a secret."
    if reason is Reason.UNKNOWN_SUITE:
        return f"{suite_name(facts.suite)} is not supported." if facts.suite >= 0 else "The suite is unknown."
    return TEXTS.get(reason) or _of_place(reason, facts)


def text_of_unfinished(last: str, frame: int, ended: str) -> str:
    """How far a handshake came: its last message and frame, and what ended it."""
    return f"The handshake ended after {last} at frame {frame}{': ' + ended if ended else ', and nothing more of it is in the capture'}."


def _of_place(reason: Reason, facts: Facts) -> str:
    """The sentences that name a place."""
    where = f"the {facts.side}'s stream at offset {facts.offset}"
    rest = ", and what follows could not be read" if facts.closed_behind else ""
    if reason is Reason.MISSING_BYTES:
        return (
            f"The capture ends within a record: {where}." if facts.cut else f"The capture lacks bytes of {where}{rest}."
        )
    if reason is Reason.TAMPERED and facts.foreign:
        return f"Bytes that are no TLS record stand in {where}{rest}."
    if reason is Reason.TAMPERED:
        return f"A record of {where} does not open: its bytes are not those that were sent{rest}."
    return (
        f"T{where[1:]} was not read on because a limit of memory or time was reached."
        if reason is Reason.TOO_MUCH
        else ""
    )


def _forward(facts: Facts) -> str:
    lacks = "no key log is at hand"
    if facts.has_log:
        lacks = f"the key log {'lacks a part of the secrets' if facts.has_some else 'has no secret'} of this session"
    if facts.quic:
        return f"QUIC has forward secrecy always, so that no private key opens the connection, and {lacks}."
    if "PSK" in facts.exchange:
        return f"The keys come from a secret that both sides shared beforehand (PSK), which no certificate's private key opens, and {lacks}."
    return f"The session has forward secrecy, so that no private key opens it, and {lacks}."


def advice_of(reason: Reason, facts: Facts) -> str:
    """What to capture or set next time; empty where all was read."""
    if reason is Reason.NOT_FINISHED and not facts.alert:
        return WHOLE_HANDSHAKE
    if reason is Reason.FORWARD_SECRECY and facts.quic:
        return f"{QUIC_LOG}."
    if reason is Reason.FORWARD_SECRECY and "PSK" in facts.exchange:
        return f"{PSK_LOG}; {PSK_ALONE}." if facts.exchange == "PSK" else f"{PSK_LOG}."
    if facts.cut:
        return "Let the capture run until the connection is closed; where a reset cut it off, nothing more was sent."
    return ADVICE.get(reason, "")
