"""Lync sign-in that ends in 504: external client to Edge, Edge to Front End, and what the Front End got instead.

Addresses, ports, absolute sequence numbers, lengths, windows, times and MAC addresses are those that the article prints
for its three listings; the clocks of Edge and Front End differ by ten seconds as printed. The frames of these two are
numbered from 1 (the article's captures have 107,000 and 624,000 frames), those of the client as printed.
Not printed, and therefore chosen: initial times to live, most IP identifications and MAC addresses, the TLS contents.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from examples import tls
from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import OFFLOADED, TCP, Ethernet, IPv4, mss, sack_permitted, wscale

CLIENT, ACCESS_EDGE = "10.1.1.1", "172.16.1.1"
EDGE, FRONT_END = "192.168.1.1", "192.168.3.10"
CLIENT_PORT, EDGE_PORT, SIP_PORT = 62973, 50357, 5061
CLIENT_SEQ, ACCESS_SEQ = 2046472569, 4248548130
EDGE_SEQ = 2232090326
REWRITTEN_ACK = 2948578651
"""Acknowledgment field of the SYNs at the Front End; the Edge sent 0."""
FRONT_END_SEQS = (154470907, 155953667, 157301184)
EDGE_OUTSIDE_MAC, EDGE_OUTSIDE_GATEWAY_MAC = "00:50:56:44:10:01", "00:0f:8f:44:55:66"
EDGE_MAC, EDGE_GATEWAY_MAC = "00:50:56:44:11:01", "00:0f:8f:11:20:10"
FRONT_END_MAC, FRONT_END_GATEWAY_MAC = "00:50:56:33:22:11", "00:0f:8f:11:22:33"
RESET_IDENT = 50541

DAY_NS = int(datetime(2013, 1, 8, tzinfo=UTC).timestamp()) * SECOND
EDGE_START_NS = DAY_NS + (9 * 3600 + 7 * 60 + 4) * SECOND + 105_000_000
"""Second 0 of the Edge's trace: puts its connect timeout (734.506 s) at the 09:19:18.611 that its SIP log states."""
FRONT_END_START_NS = DAY_NS + (9 * 3600 + 6 * 60 + 59) * SECOND + 950_000_000
"""Second 0 of the Front End's trace, which printed 11:19:07 (UTC+2) for 727.497 s."""

SYNS_AT_EDGE = (713.5078058, 716.5111523, 722.5093069)
AT_FRONT_END = (
    (727.4974204, 727.4975478, 727.4980222),
    (730.5001959, 730.5003515, 730.5007007),
    (736.4983502, 736.4985345, 736.4987452),
)
"""Seconds at which each SYN arrives, the SYN,ACK leaves, and the reset arrives."""
EDGE_NUMBERS = (631, 984, 1347)
FRONT_END_NUMBERS = ((227, 232, 233), (948, 953, 967), (1999, 2004, 2005))
"""The last digits are those of the printed numbers."""

CERTIFICATE_FLIGHT = tls.server_flight(3 * 1380 + 506, "sip.contoso.com")
CLIENT_SIDE: tuple[tuple[int, str, bool, str, int, bytes], ...] = (
    (4298, "53.832", True, "S", 8192, b""),
    (4299, "53.832", False, "SA", 8192, b""),
    (4313, "54.441", True, "A", 16560, b""),
    (4316, "56.020", True, "PA", 16560, tls.client_hello(127, "sip.contoso.com")),
    (4317, "56.037", False, "A", 64860, CERTIFICATE_FLIGHT[:1380]),
    (4318, "56.037", False, "A", 64860, CERTIFICATE_FLIGHT[1380:2760]),
    (4319, "56.417", True, "A", 16560, b""),
    (4320, "56.417", False, "A", 64860, CERTIFICATE_FLIGHT[2760:4140]),
    (4321, "56.417", False, "PA", 64860, CERTIFICATE_FLIGHT[4140:]),
    (4322, "56.787", True, "A", 16560, b""),
    (4323, "56.791", True, "PA", 16560, tls.client_keys(256)),
    (4324, "56.796", False, "PA", 64860, tls.server_finished()),
    (4327, "57.193", True, "PA", 16501, tls.protected(325, seed=1)),
    (4328, "57.196", False, "PA", 64860, tls.protected(421, seed=2)),
    (4333, "57.599", True, "PA", 16080, tls.protected(837, seed=3)),
    (4337, "57.802", False, "A", 64860, b""),
    (4506, "78.612", False, "PA", 64860, tls.protected(453, seed=4)),
    (4509, "79.094", True, "FA", 15627, b""),
    (4510, "79.094", False, "A", 64860, b""),
    (4511, "79.094", False, "RA", 0, b""),
)
"""Frame number, seconds after 09:18:00, whether the client sends, flags, window, payload."""


def client_frames() -> list[Frame]:
    """The first listing. Its delays and frame sizes show that it was taken where the Edge meets the outside."""
    start_ns = DAY_NS + (9 * 3600 + 18 * 60) * SECOND
    nxt = {True: CLIENT_SEQ, False: ACCESS_SEQ}
    story = []
    for number, second, upward, flags, window, payload in CLIENT_SIDE:
        options = b"" if "S" not in flags else mss(1380 if upward else 1460) + (wscale(2) if upward else b"")
        options += sack_permitted() if options else b""
        ports = (CLIENT_PORT, 443) if upward else (443, CLIENT_PORT)
        ack = 0 if flags == "S" else nxt[not upward]
        segment = TCP(*ports, nxt[upward], ack, flags, window, options, payload)
        nxt[upward] += segment.length
        addresses = (CLIENT, ACCESS_EDGE) if upward else (ACCESS_EDGE, CLIENT)
        packet = IPv4(*addresses, segment, ttl=116 if upward else 128, ident=number * 3 % 65536)
        macs = (EDGE_OUTSIDE_GATEWAY_MAC, EDGE_OUTSIDE_MAC)
        data = bytes(Ethernet(*(macs if upward else macs[::-1]), packet, padded=upward))
        story.append(Listed(number, start_ns + round(float(second) * 1000) * 1_000_000, data))
    return number_frames(story, _neighbours(ACCESS_EDGE, EDGE_OUTSIDE_MAC), start_ns - 200 * SECOND)


def edge_syn(turn: int) -> IPv4:
    """One of the three SYNs as the Edge sends it."""
    syn = TCP(EDGE_PORT, SIP_PORT, EDGE_SEQ, 0, "S", 8192, mss(1460) + sack_permitted())
    return IPv4(EDGE, FRONT_END, syn, ttl=128, ident=9100 + 61 * turn)


def edge_frames() -> list[Frame]:
    """The Edge's capture on its inside: three SYNs and nothing else of that connection."""
    story = []
    for turn, second in enumerate(SYNS_AT_EDGE):
        data = bytes(Ethernet(EDGE_MAC, EDGE_GATEWAY_MAC, edge_syn(turn)))
        story.append(Listed(EDGE_NUMBERS[turn], EDGE_START_NS + round(second * 1e7) * 100, data))
    return number_frames(story, _neighbours(EDGE, EDGE_MAC), EDGE_START_NS + 690 * SECOND)


def front_end_exchange(turn: int) -> tuple[IPv4, IPv4, IPv4]:
    """What the Front End sees of one try: a SYN that is not quite the Edge's, its own SYN,ACK, and a forged reset."""
    options = mss(1460) + sack_permitted()
    syn = TCP(EDGE_PORT, SIP_PORT, EDGE_SEQ, REWRITTEN_ACK, "S", 8192, options)
    answer = TCP(SIP_PORT, EDGE_PORT, FRONT_END_SEQS[turn], EDGE_SEQ + 1, "SA", 8192, options, checksum=OFFLOADED)
    reset = TCP(EDGE_PORT, SIP_PORT, EDGE_SEQ + 1, FRONT_END_SEQS[turn] + 1, "RA", 8192)
    return (
        IPv4(EDGE, FRONT_END, syn, ttl=126, ident=9100 + 61 * turn),
        IPv4(FRONT_END, EDGE, answer, ttl=128, ident=27700 + 13 * turn),
        IPv4(EDGE, FRONT_END, reset, ttl=253, ident=RESET_IDENT + turn, dont_fragment=False),
    )


def front_end_frames() -> list[Frame]:
    """The Front End's capture: three times SYN, SYN,ACK and half a millisecond later a reset "from" the Edge."""
    story = []
    macs = (FRONT_END_GATEWAY_MAC, FRONT_END_MAC)
    for turn, seconds in enumerate(AT_FRONT_END):
        for place, packet in enumerate(front_end_exchange(turn)):
            sent = packet.source == FRONT_END
            data = bytes(Ethernet(*(macs[::-1] if sent else macs), packet, padded=not sent))
            time_ns = FRONT_END_START_NS + round(seconds[place] * 1e7) * 100
            story.append(Listed(FRONT_END_NUMBERS[turn][place], time_ns, data))
    return number_frames(story, _neighbours(FRONT_END, FRONT_END_MAC), FRONT_END_START_NS + 705 * SECOND)


def _neighbours(address: str, mac: str) -> Neighbourhood:
    network, prefix = address.rsplit(".", 1)[0], mac[:-2]
    return Neighbourhood(
        Station(address, mac), tuple(Station(f"{network}.{host}", f"{prefix}{host:02x}") for host in (20, 53, 77))
    )


def write_case(folder: Path) -> dict[str, Path]:
    """Write the three captures; the paths by the name of the capture point."""
    return {
        "client": write_capture(folder / "client.pcapng.gz", client_frames()),
        "edge": write_capture(folder / "edge.pcapng.gz", edge_frames()),
        "frontend": write_capture(folder / "frontend.pcapng.gz", front_end_frames()),
    }
