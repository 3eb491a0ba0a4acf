"""The built captures are what they claim: tshark decodes them and sees what the printed listings show."""

from __future__ import annotations

import gzip
import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from examples import build as example_build
from tests.cases import (
    d1_sccm,
    d4_smtp_mss,
    d6_lync_signin,
    d7_tso,
    d8_arp_burst,
    d13_iphttps_certificate,
    d14_iphttps,
    d16_sql_wan,
    d21_directaccess,
)
from tests.cases.healthy import HEALTHY
from tests.cases.variants import VARIANTS
from tests.support.test_packets import decode

CASES = (
    "d1_sccm",
    "d2_rdp",
    "d3_delayed_ack",
    "d4_smtp_mss",
    "d5_syn_attack",
    "d6_lync_signin",
    "d7_tso",
    "d8_arp_burst",
    "d9_desktop_sharing",
    "d10_nlb",
    "d11_outlook",
    "d13_iphttps_certificate",
    "d14_iphttps",
    "d15_rpc",
    "d16_sql_wan",
    "d17_keepalive",
)
BUILDERS: dict[str, Callable[[Path], dict[str, Path]]] = {
    **{name: importlib.import_module(f"tests.cases.{name}").build for name in CASES},
    **HEALTHY,
}
MARK = "tcp.analysis."


def rows(path: Path, *columns: str) -> dict[int, list[str]]:
    """Columns of every frame by frame number."""
    return dict(enumerate(decode(path, *columns), start=1))


def marked(path: Path, mark: str) -> list[int]:
    """Numbers of the frames that tshark marks."""
    return [number for number, row in rows(path, MARK + mark).items() if row[0]]


@pytest.mark.parametrize("name", BUILDERS)
def test_every_frame_decodes(tmp_path: Path, name: str) -> None:
    for path in BUILDERS[name](tmp_path).values():
        found = rows(path, "_ws.malformed", "frame.time_delta", "frame.protocols")
        assert [number for number, row in found.items() if row[0]] == []
        assert [number for number, row in found.items() if float(row[1]) < 0] == []
        assert {row[2].split(":")[0] for row in found.values()} == {"eth"}


def test_sccm_shows_the_printed_marks(tmp_path: Path) -> None:
    paths = d1_sccm.build(tmp_path)
    assert marked(paths["client"], "retransmission") == list(d1_sccm.LOST_FRAMES[1:])
    assert marked(paths["server"], "lost_segment") == [13611]
    sizes = rows(paths["client"], "tcp.len", "tcp.seq", "frame.time_relative")
    assert {sizes[number][0] for number in d1_sccm.LOST_FRAMES} == {"1460"}
    assert sizes[4392][2] == "234.937500000"


def test_smtp_sends_more_than_announced(tmp_path: Path) -> None:
    path = d4_smtp_mss.build(tmp_path)["capture"]
    found = rows(path, "tcp.len", "tcp.options.mss_val")
    assert (found[2][1], [number for number, row in found.items() if row[0] == "536"]) == ("512", [11, 12, 15, 16, 17])
    assert marked(path, "retransmission") == [12, 13, 15, 16, 17]
    assert marked(path, "duplicate_ack") == [14]


def test_lync_front_end_is_reset_by_packets_that_the_edge_lacks(tmp_path: Path) -> None:
    paths = d6_lync_signin.build(tmp_path)
    resets = {number for number, row in rows(paths["frontend"], "tcp.flags.str").items() if "R" in row[0]}
    assert resets == set(d6_lync_signin.EXPECT["front_end"]["forged"])
    edge = rows(paths["edge"], "tcp.dstport", "tcp.flags.reset")
    assert [number for number, row in edge.items() if row[0] == "5061"] == list(d6_lync_signin.EXPECT["edge_syns"])
    client = rows(paths["client"], "tcp.seq", "tcp.ack", "frame.len")
    assert client[4506] == ["4248553257", "2046474185", "507"]


def test_offloaded_answer_has_the_printed_bytes(tmp_path: Path) -> None:
    row = rows(d7_tso.build(tmp_path)["capture"], "ip.len", "tcp.seq", "tcp.ack", "tcp.len", "tcp.checksum")[8852]
    assert row[1:] == [str(0x5283A3F2), str(0xA2A206BE), "2580", "0x5ea2"]


def test_arp_requests_are_followed_by_resets(tmp_path: Path) -> None:
    columns = ("arp.dst.proto_ipv4", "tcp.flags.reset", "ip.dst")
    found = rows(d8_arp_burst.build(tmp_path)["capture"], *columns)
    asked = [found[number][0] for number in d8_arp_burst.REQUESTS]
    reset = [row[2] for row in found.values() if row[1] in {"1", "True"}]
    assert (len(asked), sorted(asked)) == (20, sorted(reset))


def test_iphttps_handshake_has_the_printed_numbers_and_the_wrong_certificate(tmp_path: Path) -> None:
    columns = ("tcp.seq", "tcp.ack", "tcp.len", "tcp.window_size", "ip.id", "tls.handshake.type", "frame.time_relative")
    found = rows(d13_iphttps_certificate.build(tmp_path)["client"], *columns, "x509sat.uTF8String")
    assert found[2089][:6] == ["1683802427", "536292142", "119", "65536", "0x58bc", "1"]
    assert found[2092][:6] == ["536292142", "1683802546", "853", "65536", "0x61f5", "2,11,12,14"]
    assert found[2093][:5] == ["1683802546", "536292995", "134", "64768", "0x58be"]
    assert found[2094][:5] == ["536292995", "1683802680", "59", "65536", "0x61f6"]
    assert found[2095][6] == "463.254392000"
    assert set(found[2092][7].split(",")) == {d13_iphttps_certificate.SERVED}


def test_iphttps_syns_leave_and_never_arrive(tmp_path: Path) -> None:
    paths = d14_iphttps.build(tmp_path)
    sent = rows(paths["client"], "tcp.seq", "tcp.dstport", "tcp.flags.syn")
    assert [number for number, row in sent.items() if row[1] == "443"] == [row[0] for row in d14_iphttps.SYNS]
    arrived = {row[0] for row in rows(paths["server"], "tcp.seq").values()}
    assert not arrived & {str(row[3]) for row in d14_iphttps.SYNS}


@pytest.mark.parametrize(
    ("end", "number", "printed"),
    [
        ("client", 431, ("1040", "1372", "9280", "11322926", "359429804")),
        ("client", 479, ("2944", "2399", "12608", "11323092", "359429871")),
        ("server", 66, ("1992", "1901", "10944", "11323034", "359429852")),
        ("server", 84, ("2869", "6121", "65536", "359429923", "11323187")),
        ("server", 90, ("3783", "8147", "65536", "359429945", "11323242")),
    ],
)
def test_sql_session_has_the_printed_numbers(tmp_path: Path, end: str, number: int, printed: tuple[str, ...]) -> None:
    columns = ("tcp.seq", "tcp.ack", "tcp.window_size", "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr")
    row = rows(d16_sql_wan.build(tmp_path)[end], *columns)[number]
    sender_first = ("server" if number in {84, 90} else "client") == "client"
    own, other = d16_sql_wan.CLIENT_ISN, d16_sql_wan.SERVER_ISN
    if not sender_first:
        own, other = other, own
    relative = (str(int(row[0]) - own), str(int(row[1]) - other), *row[2:])
    assert relative == printed


def test_directaccess_client_has_the_printed_frames(tmp_path: Path) -> None:
    columns = (
        "frame.len",
        "ip.id",
        "udp.srcport",
        "dns.id",
        "tcp.seq",
        "tcp.ack",
        "tcp.len",
        "isakmp.exchangetype",
        "_ws.malformed",
    )
    found = rows(d21_directaccess.build(tmp_path)["client"], *columns)
    asked, hello, inner = (found[number] for number in (82, d21_directaccess.HELLO, d21_directaccess.FIRST_INNER))
    assert (asked[0], int(asked[1], 16), asked[2], asked[3]) == ("88", 26991, "51531", "0x4707")
    assert (hello[0], int(hello[1], 16), hello[4:7]) == ("146", 24159, ["2257090546", "273863016", "92"])
    assert (inner[0], inner[2], inner[7]) == ("100", "500", "246")
    assert [number for number, row in found.items() if row[8]] == []


DRESSED = ("ipv6", "merged", "cut_at_96", "all_at_once")
"""One of each kind of twist that changes bytes; all forty-four would say the same for a minute longer."""
RECOVERING = {"small_loss_recovered"}


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_traffic_has_no_marks_of_loss(tmp_path: Path, name: str) -> None:
    for path in HEALTHY[name](tmp_path).values():
        found = rows(path, MARK + "lost_segment", MARK + "ack_lost_segment", MARK + "zero_window")
        count = sum(any(row) for row in found.values())
        assert count <= (1 if name in RECOVERING else 0)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.endswith(DRESSED)])
def test_variants_name_frames_that_their_captures_hold(tmp_path: Path, name: str) -> None:
    built = VARIANTS[name](tmp_path)
    frames = {point: decode(path, "_ws.malformed") for point, path in built.paths.items()}
    assert all(not row or not row[0] for found in frames.values() for row in found)
    named = [(point, number) for point, numbers in built.evidence.items() for number in numbers]
    assert [(point, number) for point, number in named if number > len(frames[point])] == []


def test_committed_examples_are_what_the_code_builds(tmp_path: Path) -> None:
    example_build.main(tmp_path)
    folder = Path(example_build.__file__).parent
    for path in sorted(tmp_path.rglob("*.gz")):
        committed = folder / path.relative_to(tmp_path)
        assert gzip.decompress(committed.read_bytes()) == gzip.decompress(path.read_bytes()), committed
