"""icmp-unreachable: each kind of error, with what became of the packets it quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.files import SECOND, Frame
from tests.support.packets import ICMP, TCP, UDP, Ethernet, ICMPv6, IPv4, IPv6, echo, port_unreachable, quoting, too_big
from tests.support.verdicts import judge, make_case, only
from wireproof.case import Case
from wireproof.finding import Finding, Severity

CLIENT, SERVER, ROUTER = "10.1.1.9", "10.2.2.8", "10.1.1.1"
MACS = ("02:00:00:00:00:09", "02:00:00:00:00:01")


def at(time_s: float, packet: IPv4 | IPv6) -> Frame:
    return Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, packet)))


def up(upper: TCP | UDP, ttl: int = 64) -> IPv4:
    return IPv4(CLIENT, SERVER, upper, ttl=ttl)


def down(upper: TCP | UDP) -> IPv4:
    return IPv4(SERVER, CLIENT, upper)


def reports(error: ICMP, reporter: str = ROUTER) -> IPv4:
    return IPv4(reporter, CLIENT, error)


def case(folder: Path, *frames: Frame) -> Case:
    return make_case(folder, {"client": frames})


def findings(folder: Path, *frames: Frame) -> list[Finding]:
    return judge(case(folder, *frames), "icmp-unreachable").findings


SYN = up(TCP(50000, 445, 100, flags="S"))


def test_a_firewall_that_prohibits_is_an_error_with_both_frames(tmp_path: Path) -> None:
    finding = only(case(tmp_path, at(0, SYN), at(0.01, reports(ICMP(3, 13, payload=quoting(SYN))))), "icmp-unreachable")
    assert (finding.severity, finding.facts["error"]) == (Severity.ERROR, "communication administratively prohibited")
    assert [piece.frame for piece in finding.evidence] == [1, 2]
    assert (finding.talk.client, finding.talk.server) == (f"{CLIENT}:50000", f"{SERVER}:445")  # type: ignore[union-attr]
    assert (finding.toward, finding.facts["reporters"]) == ("server", [ROUTER])


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0, "network unreachable"),
        (1, "host unreachable"),
        (9, "network administratively prohibited"),
        (10, "host administratively prohibited"),
    ],
)
def test_each_code_is_named(tmp_path: Path, code: int, name: str) -> None:
    (finding,) = findings(tmp_path, at(0, SYN), at(0.01, reports(ICMP(3, code, payload=quoting(SYN)))))
    assert name in finding.title


def test_a_conversation_that_goes_on_leaves_information(tmp_path: Path) -> None:
    frames = (
        at(0, SYN),
        at(0.01, reports(ICMP(3, 1, payload=quoting(SYN)))),
        at(1, SYN),
        at(1.02, down(TCP(445, 50000, 900, 101, "SA"))),
    )
    (finding,) = findings(tmp_path, *frames)
    assert finding.severity == Severity.INFO


def test_a_closed_udp_service_is_a_warning(tmp_path: Path) -> None:
    ask = up(UDP(40000, 1812, b"access request"))
    (finding,) = findings(
        tmp_path, *(at(turn, packet) for turn, packet in enumerate((ask, reports(port_unreachable(ask), SERVER)) * 3))
    )
    assert (finding.severity, finding.facts["count"], finding.where) == (Severity.WARNING, 3, f"at {SERVER}")
    assert "Nothing listens" in finding.summary


def test_an_answer_that_comes_too_late_is_information(tmp_path: Path) -> None:
    ask, give = up(UDP(40000, 53, b"ask")), down(UDP(53, 40000, b"give"))
    late = IPv4(CLIENT, SERVER, ICMP(3, 3, payload=quoting(give)))
    (finding,) = findings(tmp_path, at(0, ask), at(5, give), at(5.001, late))
    assert (finding.severity, finding.facts["kind"], finding.toward) == (Severity.INFO, "late", "client")


@pytest.mark.parametrize("port", [137, 161, 17701])
def test_services_tried_on_chance_and_peers_are_information(tmp_path: Path, port: int) -> None:
    ask = up(UDP(40000, port, b"anybody"))
    (finding,) = findings(tmp_path, at(0, ask), at(0.1, reports(port_unreachable(ask), SERVER)))
    assert finding.severity == Severity.INFO


def trace(protocol: str) -> list[Frame]:
    """Three hops of a traceroute by UDP or by ping."""
    frames = []
    for hop in (1, 2, 3):
        upper = UDP(40000 + hop, 33434 + hop, b"trace") if protocol == "udp" else echo(1, hop)
        probe = IPv4(CLIENT, SERVER, upper, ttl=hop)
        frames += [at(hop, probe), at(hop + 0.01, reports(ICMP(11, 0, payload=quoting(probe)), f"10.9.0.{hop}"))]
    return frames


@pytest.mark.parametrize("protocol", ["udp", "icmp"])
def test_all_hops_of_a_traceroute_are_one_information(tmp_path: Path, protocol: str) -> None:
    (finding,) = findings(tmp_path, *trace(protocol))
    assert (finding.severity, finding.facts["kind"], finding.facts["count"]) == (Severity.INFO, "trace", 3)


def test_packets_that_die_with_a_high_ttl_go_round_in_a_loop(tmp_path: Path) -> None:
    ask = up(UDP(40000, 1812, b"ask"), ttl=64)
    frames = [at(turn, packet) for turn, packet in enumerate((ask, reports(ICMP(11, 0, payload=quoting(ask)))) * 3)]
    (finding,) = findings(tmp_path, *frames)
    assert (finding.severity, finding.facts["kind"]) == (Severity.WARNING, "loop")


def handshake(size: int) -> list[Frame]:
    """A session whose client sends one segment of `size` bytes."""
    return [
        at(0, up(TCP(50000, 443, 100, flags="S"))),
        at(0.01, down(TCP(443, 50000, 900, 101, "SA"))),
        at(0.02, up(TCP(50000, 443, 101, 901, "A"))),
        at(0.03, up(TCP(50000, 443, 101, 901, "PA", payload=bytes(size)))),
    ]


LARGE = up(TCP(50000, 443, 101, 901, "PA", payload=bytes(1460)))


@pytest.mark.parametrize("mtu", [1400, 0])
def test_a_sender_that_ignores_fragmentation_needed_is_a_warning(tmp_path: Path, mtu: int) -> None:
    (finding,) = findings(
        tmp_path, *handshake(1460), at(0.04, reports(too_big(LARGE, mtu))), at(0.4, LARGE), at(1.2, LARGE)
    )  # type: ignore[arg-type]
    assert (finding.severity, finding.facts.get("mtu_bytes", 0)) == (Severity.WARNING, mtu)
    assert "ignores" in finding.summary


def test_a_sender_that_heeds_it_is_information(tmp_path: Path) -> None:
    smaller = [
        at(0.05 + turn / 2, up(TCP(50000, 443, 101 + 1360 * turn, 901, "A", payload=bytes(1360)))) for turn in range(4)
    ]
    (finding,) = findings(tmp_path, *handshake(1460), at(0.04, reports(too_big(LARGE, 1400))), *smaller)  # type: ignore[arg-type]
    assert finding.severity == Severity.INFO
    assert "discovery works" in finding.summary


def test_larger_segments_of_an_offloading_sender_prove_nothing(tmp_path: Path) -> None:
    merged = at(0.9, up(TCP(50000, 443, 101, 901, "A", payload=bytes(2720))))
    (finding,) = findings(tmp_path, *handshake(1460), at(0.04, reports(too_big(LARGE, 1400))), merged)  # type: ignore[arg-type]
    assert finding.severity == Severity.INFO


def test_packet_too_big_is_judged_as_well(tmp_path: Path) -> None:
    large = IPv6("2001:db8::9", "2001:db8::8", TCP(50000, 443, 101, 901, "PA", payload=bytes(1440)))
    told = IPv6("2001:db8::1", "2001:db8::9", too_big(large, 1280))
    (finding,) = findings(tmp_path, at(0, large), at(0.01, told), at(0.5, large), at(1.5, large))
    assert (finding.severity, finding.facts["mtu_bytes"], finding.facts["error"]) == (
        Severity.WARNING,
        1280,
        "packet too big",
    )


def test_the_v6_prohibition_is_an_error_as_well(tmp_path: Path) -> None:
    syn = IPv6("2001:db8::9", "2001:db8::8", TCP(50000, 443, 101, flags="S"))
    told = IPv6("2001:db8::1", "2001:db8::9", ICMPv6(1, 1, payload=quoting(syn, 60)))
    (finding,) = findings(tmp_path, at(0, syn), at(0.01, told))
    assert finding.severity == Severity.ERROR


def test_an_error_about_a_packet_that_is_not_here_claims_nothing(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, at(0, reports(ICMP(3, 13, payload=quoting(SYN)))))
    assert finding.severity == Severity.INFO


def test_one_reason_for_many_destinations_is_one_finding(tmp_path: Path) -> None:
    frames = []
    for number in range(12):
        syn = IPv4(CLIENT, f"10.2.2.{number + 10}", TCP(50000 + number, 445, 100, flags="S"))
        frames += [at(number, syn), at(number + 0.01, reports(ICMP(3, 13, payload=quoting(syn))))]
    (finding,) = findings(tmp_path, *frames)
    assert (finding.facts["count"], len(finding.facts["destinations"]), len(finding.conversations)) == (12, 12, 12)


def test_pings_and_neighbour_discovery_stay_silent(tmp_path: Path) -> None:
    ping = IPv4(CLIENT, SERVER, echo(1, 1))
    pong = IPv4(SERVER, CLIENT, echo(1, 1, reply=True))
    solicit = IPv6("fe80::1", "ff02::1:ff00:2", ICMPv6(135, 0, payload=bytes(16)))
    assert findings(tmp_path, at(0, ping), at(0.1, pong), at(1, solicit)) == []


def stranger(number: int, port: int) -> list[Frame]:
    """A datagram to a peer that is gone, and its answer."""
    peer = f"198.51.100.{number}"
    ask = IPv4(CLIENT, peer, UDP(40000, port, b"anybody"))
    told = IPv4(peer, CLIENT, ICMP(3, 3, payload=quoting(ask)))
    return [at(number, ask), at(number + 0.1, told)]


def test_peers_that_are_gone_are_one_remark(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *stranger(1, 17001), *stranger(2, 17002), *stranger(3, 17003))
    assert finding.title == (
        "198.51.100.1, 198.51.100.2 and 198.51.100.3 report port unreachable for 3 destinations, 3 times"
    )
    assert finding.summary.startswith("The hosts 198.51.100.1, 198.51.100.2 and 198.51.100.3 themselves sent 3 ")
    assert (finding.where, finding.facts["count"]) == ("at 198.51.100.1, 198.51.100.2 and 198.51.100.3", 3)


def test_one_host_that_turns_strangers_away_is_one_remark(tmp_path: Path) -> None:
    frames = []
    for number in (1, 2, 3):
        ask = IPv4(f"198.51.100.{number}", SERVER, UDP(40000, 17000 + number, b"anybody"))
        told = IPv4(SERVER, f"198.51.100.{number}", ICMP(3, 3, payload=quoting(ask)))
        frames += [at(number, ask), at(number + 0.1, told)]
    (finding,) = findings(tmp_path, *frames)
    assert finding.title == f"{SERVER} reports port unreachable for 3 destinations, 3 times"
    assert "to 198.51.100.1, 198.51.100.2 and 198.51.100.3: port unreachable" in finding.summary


def test_traceroutes_of_one_host_are_one_remark(tmp_path: Path) -> None:
    frames = []
    for target in (1, 2):
        for hop in (1, 2, 3):
            probe = IPv4(CLIENT, f"198.51.100.{target}", UDP(40000, 33434 + hop, b"trace"), ttl=hop)
            told = IPv4(f"10.9.0.{hop}", CLIENT, ICMP(11, 0, payload=quoting(probe)))
            frames += [at(10 * target + hop, probe), at(10 * target + hop + 0.1, told)]
    (finding,) = findings(tmp_path, *frames)
    assert finding.title == f"{CLIENT} traces the route to 2 destinations (6 answers)"


def test_warnings_about_different_services_stay_apart(tmp_path: Path) -> None:
    frames = [frame for number, port in ((1, 1812), (2, 5060)) for frame in stranger(number, port)]
    found = findings(tmp_path, *frames)
    assert [one.severity for one in found] == [Severity.WARNING, Severity.WARNING]


def test_everyday_errors_are_left_out_of_a_report_without_trouble(tmp_path: Path) -> None:
    everyday = judge(case(tmp_path, *stranger(1, 17001)))
    assert everyday.findings == []
    told = judge(case(tmp_path, *stranger(1, 17001), *stranger(2, 1812)), "icmp-unreachable", "tcp-zero-window")
    assert [one.severity for one in told.findings] == [Severity.WARNING, Severity.INFO]
