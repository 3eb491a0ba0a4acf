"""SQL over a WAN with NAT at both ends: two captures of one TDS session in which each end waits for the other.

Frame numbers, time differences, ports, acknowledged bytes, MSS, windows and timestamps are the printed ones; segment
sizes follow from the acknowledgments. The client's listing ends at frame 479, the server's goes on: the frames after it
are added to the client's capture half a round trip away, so that both captures cover the same minutes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from examples import tls
from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import OFFLOADED, RIGHT, TCP, Ethernet, IPv4, mss, timestamps, wscale

CLIENT, SERVER = ("192.168.1.66", 46739), ("10.1.1.7", 1433)
CLIENT_OUTSIDE, SERVER_INSIDE = ("172.16.5.14", 63584), ("192.168.200.148", 1433)
CLIENT_ISN, SERVER_ISN = 0x5C3107A4, 0xC40918E2
CLIENT_MAC, CLIENT_GATEWAY_MAC = "00:0c:29:66:01:66", "00:1d:45:01:01:01"
SERVER_MAC, SERVER_GATEWAY_MAC = "00:15:5d:c8:01:48", "00:1d:45:c8:01:01"
SERVER_PHASE_NS = 4_000_000
START_NS = 1_300_096_800 * SECOND
"""Second 0 of both captures' clocks: the server's is set so that the path takes 44.5 ms each way."""
UP_NS, DOWN_NS = 44_480_000, 43_900_000
SERIAL_NS = 2_500
"""Time that the way up takes: a fixed part and one for each payload byte, as the 45 and 907 byte segments show."""
CLIENT_SYN_NS = START_NS + 20_541_677_000
SERVER_SYN_NS = CLIENT_SYN_NS + UP_NS

EXPECT: dict[str, Any] = {
    "rules": ("path-latency", "path-header-rewritten"),
    "rtt_ms": 89.0,
    "mss": {"client": (1460, 1380), "server": (1380, 1460)},
    "pairs": {
        "client": ("192.168.1.66:46739", "10.1.1.7:1433"),
        "server": ("172.16.5.14:63584", "192.168.200.148:1433"),
    },
}


@dataclass(frozen=True, slots=True)
class Step:
    """One packet of the session: who sends it, its payload and window field, and where and when both ends see it.

    The delays are seconds since the step before at the same end; a number of 0 marks what an end's listing leaves out.
    """

    upward: bool
    payload: bytes
    window: int
    client: tuple[int, float]
    server: tuple[int, float]
    flags: str = "A"


def tds(kind: int, body: bytes) -> bytes:
    """A TDS packet: type, status "end of message", length, SPID, number, window (MS-TDS 2.2.3)."""
    return bytes((kind, 1)) + (8 + len(body)).to_bytes(2, "big") + bytes((0, 52, 1, 0)) + body


def prelogin(kind: int) -> bytes:
    """A prelogin packet of 26 bytes: version and encryption."""
    return tds(kind, bytes.fromhex("00000b0006 0100110001 ff 0a0004000000 00"))


def wide(text: str) -> bytes:
    """UTF-16 as TDS sends text."""
    return text.encode("utf-16-le")


def call(size: int) -> bytes:
    """A remote procedure call of `size` bytes: sp_prepexec with a statement that fills it."""
    integer = bytes.fromhex("000026040403000000")
    fixed = 8 + 22 + 6 + 5 + 2 * 12
    extra = integer if (size - fixed) % 2 else b""
    text = (size - fixed - len(extra)) // 2 - 9
    body = bytes.fromhex("ffff0d000000 0001260400") + text_parameter("@P0 int  ")
    return tds(3, ALL_HEADERS + body + text_parameter(("select name from item where id=@P0 " * 40)[:text]) + extra)


def text_parameter(text: str) -> bytes:
    """An nvarchar parameter without a name."""
    data = wide(text)
    return bytes.fromhex("0000e7401f0904d00034") + len(data).to_bytes(2, "little") + data


def result(size: int) -> bytes:
    """A response of `size` bytes: a message that fills it, and the tokens that end a procedure."""
    status = b"" if size % 2 == 0 else RETURN_STATUS
    text = (size - 38 - len(status)) // 2
    message = struct.pack("<IBBH", 5701, 2, 0, text) + wide("r" * text) + struct.pack("<BBI", 0, 0, 1)
    return tds(4, b"\xab" + len(message).to_bytes(2, "little") + message + status + DONE_PROC)


ALL_HEADERS = struct.pack("<IIHQI", 22, 18, 2, 0, 1)
RETURN_STATUS = b"\x79\x00\x00\x00\x00"
DONE_PROC = b"\xfe" + struct.pack("<HHQ", 0, 0xE0, 0)

PRELOGIN, PRELOGIN_ANSWER = prelogin(0x12), prelogin(4)
HELLO, SERVER_HELLO = tds(0x12, tls.client_hello(94)), tds(0x12, tls.server_flight(621, "SSL_Self_Signed_Fallback"))
KEYS, FINISHED = tds(0x12, tls.client_keys(128)), tds(0x12, tls.server_finished())
LOGIN, LOGIN_ANSWER = tls.protected(549), result(415)
QUERY, ANSWER = tds(1, ALL_HEADERS + wide("SET XACT_ABORT")), result(65)
QUERY_2, ANSWER_2 = tds(1, ALL_HEADERS + wide("SET TRANSACTION ISOLATION LEVEL RR")), result(169)
CALL, RESULT = call(907), result(503)
UNPREPARE, UNPREPARED = (
    tds(3, ALL_HEADERS + bytes.fromhex("ffff0f000000 000026040401000000")),
    tds(4, RETURN_STATUS + DONE_PROC),
)
LONG_CALL_1, LONG_CALL_2, LONG_CALL_3 = call(1801), call(1981), call(2736)

STEPS: tuple[Step, ...] = (
    Step(True, b"", 5840, (406, 0.0), (44, 0.0), "S"),
    Step(False, b"", 8192, (407, 0.089037), (45, 0.000039), "SA"),
    Step(True, b"", 92, (408, 0.000036), (46, 0.089015)),
    Step(True, PRELOGIN, 92, (409, 0.000142), (47, 0.000461), "PA"),
    Step(False, PRELOGIN_ANSWER, 259, (410, 0.089013), (48, 0.000117), "PA"),
    Step(True, b"", 92, (411, 0.000058), (49, 0.087810)),
    Step(True, HELLO, 92, (412, 0.000861), (50, 0.001553), "PA"),
    Step(False, SERVER_HELLO, 259, (413, 0.091710), (51, 0.000427), "PA"),
    Step(True, KEYS, 112, (414, 0.006916), (52, 0.099177), "PA"),
    Step(False, FINISHED, 258, (415, 0.093413), (53, 0.004255), "PA"),
    Step(True, LOGIN, 112, (416, 0.002583), (54, 0.091772), "PA"),
    Step(False, LOGIN_ANSWER, 256, (425, 0.091253), (55, 0.001104), "PA"),
    Step(True, QUERY, 131, (426, 0.000434), (56, 0.089833), "PA"),
    Step(False, ANSWER, 256, (427, 0.089305), (57, 0.000183), "PA"),
    Step(True, QUERY_2, 131, (428, 0.000330), (58, 0.089154), "PA"),
    Step(False, ANSWER_2, 255, (429, 0.088216), (59, 0.000150), "PA"),
    Step(True, b"", 145, (431, 0.040908), (60, 0.128460)),
    Step(True, CALL, 145, (432, 0.174717), (61, 0.178927), "PA"),
    Step(False, RESULT, 252, (433, 0.103898), (62, 0.001507), "PA"),
    Step(True, b"", 171, (434, 0.000056), (63, 0.098217)),
    Step(True, UNPREPARE, 171, (467, 0.062827), (64, 0.066525), "PA"),
    Step(False, UNPREPARED, 252, (473, 0.091735), (65, 0.000168), "PA"),
    Step(True, b"", 171, (474, 0.000061), (66, 0.089069)),
    Step(True, CALL, 171, (475, 0.008514), (67, 0.011578), "PA"),
    Step(False, result(472), 256, (476, 0.093648), (68, 0.001386), "PA"),
    Step(True, UNPREPARE, 197, (477, 0.001301), (70, 0.089248), "PA"),
    Step(False, UNPREPARED, 256, (478, 0.087454), (71, 0.000147), "PA"),
    Step(True, b"", 197, (479, 0.039780), (72, 0.129948)),
    Step(True, call(379), 197, (0, 0.0), (73, 0.002327), "PA"),
    Step(False, result(98), 254, (0, 0.0), (74, 0.001011), "PA"),
    Step(True, b"", 197, (0, 0.0), (75, 0.088519)),
    Step(True, UNPREPARE, 197, (0, 0.0), (76, 0.003928), "PA"),
    Step(False, UNPREPARED, 254, (0, 0.0), (77, 0.000144), "PA"),
    Step(True, CALL, 197, (0, 0.0), (78, 0.097206), "PA"),
    Step(False, result(320), 251, (0, 0.0), (79, 0.001297), "PA"),
    Step(True, UNPREPARE, 223, (0, 0.0), (80, 0.089896), "PA"),
    Step(False, UNPREPARED, 250, (0, 0.0), (81, 0.000147), "PA"),
    Step(True, LONG_CALL_1[:1368], 223, (0, 0.0), (82, 0.099239)),
    Step(True, LONG_CALL_1[1368:], 223, (0, 0.0), (83, 0.002980), "PA"),
    Step(False, b"", 256, (0, 0.0), (84, 0.000025)),
    Step(False, result(888), 256, (0, 0.0), (85, 0.000272), "PA"),
    Step(True, UNPREPARE, 249, (0, 0.0), (86, 0.091009), "PA"),
    Step(False, UNPREPARED, 256, (0, 0.0), (87, 0.000145), "PA"),
    Step(True, LONG_CALL_2[:1368], 249, (0, 0.0), (88, 0.125878)),
    Step(True, LONG_CALL_2[1368:], 249, (0, 0.0), (89, 0.002955), "PA"),
    Step(False, b"", 256, (0, 0.0), (90, 0.000022)),
    Step(False, result(951), 256, (0, 0.0), (91, 0.000233), "PA"),
    Step(True, UNPREPARE, 275, (0, 0.0), (92, 0.095498), "PA"),
    Step(False, UNPREPARED, 256, (0, 0.0), (93, 0.000187), "PA"),
    Step(True, LONG_CALL_3[:1368], 275, (0, 0.0), (94, 0.111501)),
    Step(True, LONG_CALL_3[1368:], 275, (0, 0.0), (95, 0.005919), "PA"),
    Step(False, b"", 256, (0, 0.0), (96, 0.000019)),
)
"""The printed windows are scaled (5888 = 92 << 6, 65536 = 256 << 8)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A step with its times at both ends and the segment as its sender made it (MSS as sent)."""

    step: Step
    client_ns: int
    server_ns: int
    client_number: int
    segment: TCP


def play() -> list[Seen]:
    """Sequence numbers, timestamps and times of every step."""
    seen: list[Seen] = []
    nxt, known = {True: CLIENT_ISN, False: SERVER_ISN}, {True: CLIENT_ISN, False: SERVER_ISN}
    echo, client_ns, server_ns = {True: 0, False: 0}, CLIENT_SYN_NS, SERVER_SYN_NS
    for step in STEPS:
        before = seen[-1] if seen else None
        server_ns += round(step.server[1] * SECOND)
        client_ns = (
            client_ns + round(step.client[1] * SECOND) if step.client[0] else unlisted_time(step, server_ns, before)
        )
        number = step.client[0] or (before.client_number + 1 if before else 1)
        value = stamp(step.upward, client_ns if step.upward else server_ns)
        segment = segment_of(step, (nxt[step.upward], known[not step.upward]), (value, echo[step.upward]))
        if before is None or before.step.upward != step.upward or not before.step.payload:
            echo[not step.upward] = value
        nxt[step.upward] += segment.length
        known[step.upward] = nxt[step.upward]
        seen.append(Seen(step, client_ns, server_ns, number, segment))
    return seen


def unlisted_time(step: Step, server_ns: int, before: Seen | None) -> int:
    """When the client sees a step that only the server's listing holds."""
    if not step.upward:
        return server_ns + DOWN_NS
    if before and before.step.upward and before.step.payload:
        return before.client_ns + 20_000
    return server_ns - UP_NS - SERIAL_NS * len(step.payload)


def stamp(upward: bool, sent_ns: int) -> int:
    """Value of the sender's timestamp clock: 250 Hz on the client (Linux), 100 Hz on the server (Windows)."""
    if upward:
        return 11322755 + (sent_ns - CLIENT_SYN_NS) * 250 // SECOND
    return 359429749 + (sent_ns - SERVER_SYN_NS + SERVER_PHASE_NS) * 100 // SECOND


def segment_of(step: Step, numbers: tuple[int, int], stamps: tuple[int, int]) -> TCP:
    """The segment with (sequence, acknowledgment) numbers and (value, echo) timestamps."""
    ports = (CLIENT[1], SERVER[1]) if step.upward else (SERVER[1], CLIENT[1])
    options = timestamps(*stamps)
    if "S" in step.flags:
        options = (
            mss(1460) + timestamps(stamps[0], stamps[1] if not step.upward else 0) + wscale(6 if step.upward else 8)
        )
    ack = numbers[1] if step.flags != "S" else 0
    return TCP(*ports, numbers[0], ack, step.flags, step.window, options, step.payload)


def at_end(seen: Seen, ident: int, client_end: bool) -> Ethernet:
    """The packet as the capture at one end holds it: addresses and port translated, MSS clamped, older by its hops."""
    sent_here = seen.step.upward == client_end
    segment, upward = seen.segment, seen.step.upward
    if not sent_here and "S" in segment.flags:
        segment = replace(segment, options=mss(1380) + segment.options[4:])
    client, server = (CLIENT, SERVER) if client_end else (CLIENT_OUTSIDE, SERVER_INSIDE)
    source, target = (client, server) if upward else (server, client)
    segment = replace(
        segment, source=source[1], target=target[1], checksum=OFFLOADED if sent_here and not client_end else RIGHT
    )
    ttl = (64 if upward else 128) - (0 if sent_here else 7)
    packet = IPv4(source[0], target[0], segment, ttl=ttl, ident=ident)
    mac, gateway = (CLIENT_MAC, CLIENT_GATEWAY_MAC) if client_end else (SERVER_MAC, SERVER_GATEWAY_MAC)
    return Ethernet(*((mac, gateway) if sent_here else (gateway, mac)), packet, padded=not sent_here)


def frames_at(client_end: bool) -> list[Frame]:
    """One end's capture with the printed frame numbers."""
    story = []
    for turn, seen in enumerate(play()):
        ident = (31000 if seen.step.upward else 2600) + turn
        data = bytes(at_end(seen, ident, client_end))
        number = seen.client_number if client_end else seen.step.server[0]
        story.append(Listed(number, seen.client_ns if client_end else seen.server_ns, data))
    if client_end:
        hood = Neighbourhood(Station("192.168.1.66", CLIENT_MAC, 64), (Station("192.168.1.20", "00:0c:29:66:01:20"),))
    else:
        hood = Neighbourhood(Station("192.168.200.148", SERVER_MAC), (Station("192.168.200.20", "00:15:5d:c8:01:20"),))
    return number_frames(story, hood, START_NS)


def build(folder: Path) -> dict[str, Path]:
    """Write `client.pcapng` and `server.pcapng`."""
    return {
        "client": write_capture(folder / "client.pcapng", frames_at(client_end=True)),
        "server": write_capture(folder / "server.pcapng", frames_at(client_end=False)),
    }
