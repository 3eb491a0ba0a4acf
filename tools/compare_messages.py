"""Compare wireproof's message tables with tshark's dissection: how many messages of each kind, by protocol, over any captures.

    python tools/compare_messages.py CAPTURE_OR_FOLDER...
    python tools/compare_messages.py --files FOLDER               also list every capture with another count
    python tools/compare_messages.py --only tls,sip FOLDER        some protocols
    python tools/compare_messages.py --keep TSHARK_OUTPUT FOLDER  reuse tshark's answers from an earlier run

Takes captures and needs tshark on PATH; gives one table over all of them. Equal counts prove less than equal messages, but a message
that is missed, split or made up shows.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.compare_marks import TSHARK_LIMIT_S, find_captures  # noqa: E402  the repository has to be on the path first
from wireproof.conversations import CaptureTables, read_capture  # noqa: E402
from wireproof.errors import CaptureFormatError  # noqa: E402
from wireproof.messages.said import Said  # noqa: E402

FIELDS = (
    "frame.protocols", "dns.flags.response", "tls.handshake.type", "tls.alert_message.desc", "http.request.method", "http.response.code",
    "sip.Method", "sip.Status-Code", "stun.type.class", "classicstun.type", "dcerpc.pkt_type", "smb.flags.response", "smb2.flags.response",
    "ldap.protocolOp", "kerberos.msg_type", "tds.type", "isakmp.exchangetype", "esp.spi", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst",
    "dhcp.option.dhcp", "dhcpv6.msgtype", "quic.long.packet_type",
)  # fmt: skip
FILTER = (
    "!icmp && !icmpv6 && (dns || mdns || llmnr || tls || http || ssdp || sip || stun || classicstun || dcerpc || smb || smb2 || ldap "
    "|| cldap || kerberos || tds || isakmp || esp || dhcp || dhcpv6 || quic)"
)
Frame = dict[str, list[str]]
"""One frame's values by field, in order of the headers."""

HANDSHAKE = {
    1: "client_hello", 2: "server_hello", 6: "server_hello", 4: "new_session_ticket", 11: "certificate", 12: "server_key_exchange",
    13: "certificate_request", 14: "server_hello_done", 16: "client_key_exchange", 22: "certificate_status",
}  # fmt: skip
RPC = {
    0: "request", 2: "response", 3: "fault", 11: "bind", 12: "bind_ack", 13: "bind_nak", 14: "alter_context",
    15: "alter_context_resp", 16: "auth3",
}  # fmt: skip
KERBEROS = {10: "AS-REQ", 11: "AS-REP", 12: "TGS-REQ", 13: "TGS-REP", 30: "KRB-ERROR"}
LDAP = (
    "bindRequest", "bindResponse", "unbindRequest", "searchRequest", "searchResEntry", "searchResDone", "modifyRequest",
    "modifyResponse", "addRequest", "addResponse", "delRequest", "delResponse", "modDNRequest", "modDNResponse", "compareRequest",
    "compareResponse", "abandonRequest",
)  # fmt: skip
STUN = {0: "request", 1: "indication", 0x10: "success", 0x11: "error"}
CLASSIC = {"1": "request", "257": "success", "273": "error"}
YES = {"1", "True"}


@dataclass(frozen=True, slots=True)
class Protocol:
    """How both sides tell the kinds of one protocol's messages: ours of a message, theirs of a frame."""

    ours: Callable[[Any], Iterable[str]]
    theirs: Callable[[Frame], Iterable[str]]


def numbers(frame: Frame, name: str) -> list[int]:
    """A field's values as numbers."""
    return [int(value, 0) for value in frame[name] if value]


def named(frame: Frame, name: str, names: dict[int, str]) -> list[str]:
    """A field's values by name; others are left out."""
    return [names[number] for number in numbers(frame, name) if number in names]


def answers(frame: Frame, name: str, prefix: str = "") -> list[str]:
    """A flag that tells responses from requests."""
    return [prefix + ("response" if value in YES else "request") for value in frame[name] if value]


def layers(frame: Frame) -> set[str]:
    """The frame's protocols."""
    return set(":".join(frame["frame.protocols"]).split(":"))


def their_http(frame: Frame) -> list[str]:
    """Requests and responses in clear; with keys in the capture tshark also shows what TLS hides."""
    if "tls" in layers(frame):
        return []
    return ["request" for value in frame["http.request.method"] if value] + [
        "response" for value in frame["http.response.code"] if value
    ]


def their_tls(frame: Frame) -> list[str]:
    """Handshake messages and alerts on TCP; QUIC carries handshakes too."""
    if "quic" in layers(frame):
        return []
    return named(frame, "tls.handshake.type", HANDSHAKE) + [
        "alert" for value in frame["tls.alert_message.desc"] if value
    ]


def their_rpc(frame: Frame) -> list[str]:
    """PDUs on TCP ports of their own, not in pipes."""
    return [] if layers(frame) & {"smb", "smb2"} else named(frame, "dcerpc.pkt_type", RPC)


def their_kerberos(frame: Frame) -> list[str]:
    """Messages of their own, not tokens within other protocols; the first number is the message's, further ones are inside it."""
    return (
        []
        if layers(frame) & {"gss-api", "spnego", "gssapi", "ldap", "smb", "smb2"}
        else named(frame, "kerberos.msg_type", KERBEROS)[:1]
    )


def their_flow(frame: Frame) -> list[str]:
    """An ESP flow by its addresses and SPI."""
    ends = (frame["ip.src"] + frame["ipv6.src"], frame["ip.dst"] + frame["ipv6.dst"])
    return [f"{ends[0][-1]} {ends[1][-1]} {int(spi, 0)}" for spi in frame["esp.spi"] if spi and all(ends)]


def our_sip(message: Any) -> list[str]:
    """Requests by method, responses as such."""
    return ["response" if message.status else message.method]


def our_tls(message: Any) -> list[str]:
    """Handshake messages in clear and alerts."""
    known = {*HANDSHAKE.values(), "alert"}
    kind = "server_hello" if message.kind == "hello_retry_request" else message.kind
    return [kind] if kind in known else []


PROTOCOLS: dict[str, Protocol] = {
    "dhcp": Protocol(
        lambda m: [f"v{m.version}"] if m.kind != "BOOTP" else [],
        lambda f: ["v4" for _ in numbers(f, "dhcp.option.dhcp")] + ["v6" for _ in numbers(f, "dhcpv6.msgtype")[:1]],
    ),
    "dns": Protocol(lambda m: ["response" if m.response else "query"], lambda f: [{"request": "query"}.get(k, k) for k in answers(f, "dns.flags.response")]),
    "esp": Protocol(lambda m: [f"{m.source} {m.destination} {m.spi}"], their_flow),
    "http": Protocol(
        lambda m: [] if m.version == "2" else ["response" if m.status else "request"],
        their_http,
    ),
    "ike": Protocol(lambda m: [str(m.exchange)], lambda f: [str(number) for number in numbers(f, "isakmp.exchangetype")[:1]]),
    "kerberos": Protocol(lambda m: [m.kind] if m.kind in KERBEROS.values() else [], their_kerberos),
    "ldap": Protocol(
        lambda m: [m.operation] if m.operation in LDAP else [],
        lambda f: [LDAP[number] for number in numbers(f, "ldap.protocolOp") if number < len(LDAP)],
    ),
    "quic": Protocol(
        lambda m: ["initial"] if m.kind == "initial" else [],
        lambda f: ["initial" for number in numbers(f, "quic.long.packet_type") if number == 0],
    ),
    "rpc": Protocol(lambda m: [m.kind] * m.fragments if m.kind in RPC.values() and not m.pipe else [], their_rpc),
    "sip": Protocol(
        our_sip, lambda f: [v for v in f["sip.Method"] if v] + ["response" for v in f["sip.Status-Code"] if v]
    ),
    "smb": Protocol(
        lambda m: [f"{m.version} " + ("response" if m.is_response else "request")] if m.version and m.command not in {"encrypted", "compressed"} else [],
        # Announcements in NetBIOS datagrams, and what goes without IP, are no SMB sessions.
        lambda f: [] if layers(f) & {"nbdgm", "ipx", "llc"} else [*answers(f, "smb.flags.response", "1 "), *answers(f, "smb2.flags.response", "2 ")],
    ),
    "stun": Protocol(
        lambda m: [m.kind],
        lambda f: [STUN[number] for number in numbers(f, "stun.type.class") if number in STUN]
        + [CLASSIC[str(number)] for number in numbers(f, "classicstun.type") if str(number) in CLASSIC],
    ),
    "tds": Protocol(lambda m: ["packet"] * m.packets, lambda f: ["packet" for _ in numbers(f, "tds.type")]),
    "tls": Protocol(our_tls, their_tls),
}  # fmt: skip


@dataclass(slots=True)
class Agreement:
    """Counts over any number of captures, by (protocol, kind). `both` is what both have, capture by capture."""

    captures: int = 0
    both: Counter[tuple[str, str]] = field(default_factory=Counter)
    tshark: Counter[tuple[str, str]] = field(default_factory=Counter)
    wireproof: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def share(self, protocol: str) -> float:
        """Messages that both have, of those that either has; 1 when there are none."""
        both, theirs, ours = (
            sum(count for (name, _), count in counts.items() if name == protocol)
            for counts in (self.both, self.tshark, self.wireproof)
        )
        return both / (both + theirs + ours) if both + theirs + ours else 1.0

    def add(self, file: str, protocol: str, ours: Counter[str], theirs: Counter[str]) -> None:
        """Add the counts of one capture."""
        for kind in sorted(ours.keys() | theirs.keys()):
            mine, other = ours[kind], theirs[kind]
            self.both[protocol, kind] += min(mine, other)
            self.tshark[protocol, kind] += max(other - mine, 0)
            self.wireproof[protocol, kind] += max(mine - other, 0)
            if mine != other:
                self.differences.append(f"{file}: {protocol} {kind}: tshark {other}, wireproof {mine}")


def ask_tshark(path: Path, keep: Path | None = None) -> list[list[Frame]]:
    """Tshark's FIELDS of every frame with a message, asked twice; from `keep` where it was asked before.

    With segments put in order it waits for ever behind a segment that the capture lacks; without, it loses messages whose segments came
    out of order.
    """
    return [_ask_once(path, keep, in_order) for in_order in ("FALSE", "TRUE")]


def _ask_once(path: Path, keep: Path | None, in_order: str) -> list[Frame]:
    kept = (
        keep / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}.messages-{in_order}.tsv"
        if keep
        else None
    )
    if kept and kept.exists():
        text = kept.read_text(encoding="utf-8")
    else:
        command = ["tshark", "-r", str(path), "-n", "-o", f"tcp.reassemble_out_of_order:{in_order}", "-Y", FILTER]
        command += ["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
        for name in FIELDS:
            command += ["-e", name]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=TSHARK_LIMIT_S, errors="replace"
        )
        text = done.stdout
        if kept:
            kept.write_text(text, encoding="utf-8")
    lines = (line.split("\t") for line in text.split("\n")[:-1])
    return [
        {name: value.split(",") if value else [] for name, value in zip(FIELDS, values, strict=True)}
        for values in lines
        if len(values) == len(FIELDS)
    ]


def compare_tables(
    agreement: Agreement, file: str, tables: CaptureTables, told: list[list[Frame]], names: Iterable[str]
) -> None:
    """Add one capture. Of tshark's answers the larger count of each kind is taken."""
    said = Said(tables)
    for name in names:
        protocol = PROTOCOLS[name]
        ours = Counter(kind for message in said.table(name) for kind in protocol.ours(message))
        theirs: Counter[str] = Counter()
        for frames in told:
            theirs |= Counter(kind for frame in frames for kind in protocol.theirs(frame))
        if name == "esp":  # flows, not packets
            ours, theirs = Counter({"flows": len(ours)}), Counter({"flows": len(theirs)})
        agreement.add(file, name, ours, theirs)


def compare(places: Iterable[Path], keep: Path | None = None, names: Iterable[str] = PROTOCOLS) -> Agreement:
    """Compare on every capture that both can read."""
    agreement, chosen = Agreement(), list(names)
    for path in find_captures(places):
        try:
            tables = read_capture(path)
        except CaptureFormatError:
            continue
        with tables.capture:
            agreement.captures += 1
            compare_tables(agreement, f"{path.parent.name}/{path.name}", tables, ask_tshark(path, keep), chosen)
    return agreement


def render(agreement: Agreement) -> str:
    """The agreement as a Markdown table."""
    lines = ["| protocol | kind | both | only tshark | only wireproof |", "|---|---|---:|---:|---:|"]
    lines += [
        f"| {protocol} | {kind} | {agreement.both[protocol, kind]:,} | {agreement.tshark[protocol, kind]:,} | {agreement.wireproof[protocol, kind]:,} |"
        for protocol, kind in sorted(agreement.both)
    ]
    shares = sorted({protocol for protocol, _ in agreement.both})
    lines += [
        "",
        f"{agreement.captures:,} captures: " + ", ".join(f"{name} {agreement.share(name):.1%}" for name in shares),
    ]
    return "\n".join(lines)


def protocols_of(options: argparse.Namespace) -> Iterator[str]:
    """The protocols asked for."""
    yield from options.only.split(",") if options.only else PROTOCOLS


def main() -> int:
    """Parse the command line, compare, print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("captures", nargs="+", type=Path)
    parser.add_argument("--files", action="store_true", help="list every capture with another count")
    parser.add_argument("--only", default="", help="a comma list of protocols")
    parser.add_argument("--keep", type=Path, help="folder for tshark's answers, reused by the next run")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    agreement = compare(options.captures, options.keep, protocols_of(options))
    print(render(agreement))
    if options.files:
        print("\n".join(["", *agreement.differences]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
