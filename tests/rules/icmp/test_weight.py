"""How much an ICMP error matters, by what became of its packets."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import SECOND, Frame
from tests.support.packets import ICMP, TCP, Ethernet, IPv4, quoting, too_big
from tests.support.verdicts import make_case
from wireproof.finding import Severity
from wireproof.rules.icmp._complaints import Complaint, find_complaints
from wireproof.rules.icmp._weight import rejected_size, still_too_big, weigh

CLIENT, SERVER, ROUTER = "10.1.1.9", "10.2.2.8", "10.1.1.1"
LARGE = IPv4(CLIENT, SERVER, TCP(50000, 443, 101, 901, "A", payload=bytes(1400)))


def complaint(folder: Path, *packets: tuple[float, IPv4]) -> Complaint:
    frames = [
        Frame(round(time * SECOND), bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)))
        for time, packet in packets
    ]
    return next(find_complaints(make_case(folder, {"tap": frames}).points[0]))


def test_segments_already_on_their_way_do_not_count(tmp_path: Path) -> None:
    told = IPv4(ROUTER, CLIENT, too_big(LARGE, 1400))  # type: ignore[arg-type]
    found = complaint(tmp_path, (0, LARGE), (0.01, told), (0.05, LARGE))
    assert still_too_big(found) == (0, 0.0)
    found = complaint(tmp_path, (0, LARGE), (0.01, told), (0.51, LARGE), (2, LARGE))
    assert still_too_big(found) == (2, 0.5)


def test_a_quote_with_a_senseless_length_gives_way_to_the_original(tmp_path: Path) -> None:
    quoted = IPv4(CLIENT, SERVER, TCP(50000, 443, 101, 901, "A"))
    found = complaint(tmp_path, (0, LARGE), (0.01, IPv4(ROUTER, CLIENT, too_big(quoted, 0))))  # type: ignore[arg-type]
    assert rejected_size(found) == 1440
    assert rejected_size(complaint(tmp_path, (0, LARGE), (0.01, IPv4(ROUTER, CLIENT, too_big(LARGE, 1400))))) == 1440  # type: ignore[arg-type]


def test_lost_fragments_are_a_warning_and_a_lone_dead_host_is_too(tmp_path: Path) -> None:
    syn = IPv4(CLIENT, SERVER, TCP(50000, 443, 100, flags="S"))
    fragments = weigh(complaint(tmp_path, (0, syn), (1, IPv4(SERVER, CLIENT, ICMP(11, 1, payload=quoting(syn))))))
    assert (fragments.severity, fragments.kind) == (Severity.WARNING, "fragments")
    once = weigh(complaint(tmp_path, (0, syn), (1, IPv4(ROUTER, CLIENT, ICMP(3, 1, payload=quoting(syn))))))
    assert (once.severity, once.kind) == (Severity.WARNING, "lost_way")


def test_errors_of_other_kinds_are_left_alone(tmp_path: Path) -> None:
    syn = IPv4(CLIENT, SERVER, TCP(50000, 443, 100, flags="S"))
    assert (
        weigh(complaint(tmp_path, (0, syn), (1, IPv4(ROUTER, CLIENT, ICMP(4, 0, payload=quoting(syn)))))).kind
        == "other"
    )
