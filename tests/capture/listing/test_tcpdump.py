"""Lines of tcpdump."""

from __future__ import annotations

from wireproof.capture.listing.info import ARP, DNS, TCP
from wireproof.capture.listing.tcpdump import find_lines

TEXT = """\
12:00:00.000001 IP 10.0.0.1.1099 > 10.0.0.2.80: Flags [S], seq 3000000000, win 65535, options [mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 7], length 0
12:00:00.000101 IP 10.0.0.2.80 > 10.0.0.1.1099: Flags [S.], seq 5, ack 3000000001, win 65535, options [mss 1460], length 0
12:00:00.000201 IP 10.0.0.1.1099 > 10.0.0.2.80: Flags [P.], seq 1:101, ack 1, win 512, length 100: HTTP: GET / HTTP/1.1
12:00:01.000000 ARP, Request who-has 10.0.0.9 tell 10.0.0.1, length 28
12:00:02.000000 IP 10.0.0.1.5353 > 10.0.0.53.53: 4711+ A? host.example. (30)
12:00:03.000000 IP6 fe80::1.546 > ff02::1:2.547: dhcp6 solicit
not a line of tcpdump at 12:00:04.000000 IP
"""


def test_lines_are_read_by_kind() -> None:
    found = list(find_lines(TEXT))
    assert [said.kind for _, said in found] == [TCP, TCP, TCP, ARP, DNS, "udp"]
    record, syn = found[0]
    assert (record.source, record.target, syn.source_port, syn.target_port) == ("10.0.0.1", "10.0.0.2", 1099, 80)
    assert (syn.flags, syn.seq, syn.mss, syn.shift, syn.stamps, syn.payload) == (2, 3000000000, 1460, 7, (7, 0), 0)
    assert (found[2][1].flags, found[2][1].seq, found[2][1].payload) == (0x18, 1, 100)


def test_a_text_without_such_lines_gives_none() -> None:
    assert list(find_lines("Jan  6 12:00:00 host sshd[7]: Accepted from 10.0.0.1 port 22\n")) == []
