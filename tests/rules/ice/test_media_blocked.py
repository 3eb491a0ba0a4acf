"""ice-media-blocked: the case from the field, its variants, and sessions whose media work or were never wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from examples.packets import TCP, UDP
from tests.cases import d9_desktop_sharing, d9_sip_log
from tests.support.packets import ICMP, ICMPv6, quoting
from tests.support.sip_logs import with_log
from tests.support.telephony import (
    SUCCESS,
    End,
    check,
    datagram,
    dialog,
    framed,
    packet,
    refused,
    sdp,
    silent,
    sip,
    spoken,
    stun,
    xor_address,
)
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Finding, Severity

RULE = "ice-media-blocked"
CALLER, SERVER = ("10.98.2.1", 51647), ("10.10.10.1", 5060)
EDGE, PUBLIC, FAR = ("10.3.0.40", 58138), ("2.2.2.2", 58138), ("1.1.1.1", 50704)
SIX_EDGE, SIX_FAR = ("2001:db8:1::40", 58138), ("2001:db8:2::1", 50704)


def described(mine: End, base: End, transport: str = "UDP", profile: str = "RTP/SAVP", media: str = "audio") -> str:
    """A description with a host candidate and a relay."""
    return sdp(
        mine[0],
        f"{media} {mine[1]} {profile} 127",
        [
            "a=ice-ufrag:PFb1",
            "a=ice-pwd:cLh3H3sBnTHcXbBgxMQmUaQo",
            f"a=candidate:1 1 {transport} 2130706431 {base[0]} {base[1]} typ host",
            f"a=candidate:3 1 {transport} 6556159 {mine[0]} {mine[1]} typ relay raddr {base[0]} rport {base[1]}",
        ],
    )


def call(
    offer: str, answer: str, *more: tuple[float, str, bytes], status: str = "200 OK", call_id: str = "call"
) -> list[Frame]:
    """INVITE at 0.1 s, its final response at 3 s, and further lines, over TCP."""
    return spoken(
        0.0,
        CALLER,
        SERVER,
        [
            (0.1, "c", sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog(call_id), offer)),
            (3.0, "s", sip(f"SIP/2.0 {status}", dialog(call_id, answered=True), answer)),
            *more,
        ],
    )


UDP_CALL = call(described(PUBLIC, ("10.98.2.1", 21916)), described(FAR, ("10.26.10.50", 50058)))
TCP_CALL = call(
    described(PUBLIC, ("10.98.2.1", 21916), "TCP-PASS", "TCP/RTP/SAVP"),
    described(FAR, ("10.26.10.50", 50058), "TCP-PASS", "TCP/RTP/SAVP"),
)


def checks(start_s: float, source: End, target: End, count: int = 7) -> list[Frame]:
    """Connectivity checks without answer, repeated as RFC 8489 has it."""
    return [datagram(start_s + 0.5 * turn, source, target, check("one")) for turn in range(count)]


def both_ways(at_s: float) -> list[Frame]:
    """Any answered exchange: the capture is one of both directions."""
    ends = ("10.3.0.40", 40000), ("10.3.0.53", 53530)
    return [datagram(at_s, *ends, b"question"), datagram(at_s + 0.01, *ends[::-1], b"answer")]


def found(folder: Path, sip_frames: list[Frame], edge: list[Frame]) -> Finding:
    return only(make_case(folder, {"client": sip_frames, "edge": [*edge, *both_ways(60)]}), RULE)


def quiet(folder: Path, sip_frames: list[Frame], edge: list[Frame]) -> bool:
    case = make_case(folder, {"client": sip_frames, "edge": [*edge, *both_ways(60)]})
    return judge(case, RULE).findings == []


def test_desktop_sharing_names_the_agreed_addresses_behind_nat_and_all_six_frames(tmp_path: Path) -> None:
    expect = d9_desktop_sharing.EXPECT
    case = open_case(d9_desktop_sharing.build(tmp_path))
    finding = only(case, RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert {row.frame for row in finding.evidence if row.capture == "edge"} == set(expect["evidence"]["edge"])
    assert {row.capture for row in finding.evidence} == {"edge", "client"}
    assert finding.facts["agreed"] == expect["agreed"]
    assert tuple(finding.facts["seen_as"]) == expect["conversation"]
    assert (finding.facts["tries"], finding.facts["outcome"]) == (expect["tries"], "refused")
    assert "10.3.0.40 is 2.2.2.2 behind NAT" in finding.summary
    assert any("50000-59999" in step for step in finding.fix)


def test_a_refused_media_port_without_a_description_is_only_a_refused_connection(tmp_path: Path) -> None:
    paths = d9_desktop_sharing.build(tmp_path)
    findings = judge(open_case({"edge": paths["edge"]}), RULE, "tcp-connection-refused").findings
    assert [finding.rule for finding in findings] == ["tcp-connection-refused"]


def test_the_refused_port_is_explained_by_the_blocked_media(tmp_path: Path) -> None:
    verdicts = judge(open_case(d9_desktop_sharing.build(tmp_path)), RULE, "tcp-connection-refused")
    first, second = verdicts.findings
    assert (first.rule, first.explains) == (RULE, [second.id])


def test_udp_checks_without_answer(tmp_path: Path) -> None:
    finding = found(tmp_path, UDP_CALL, checks(5, EDGE, FAR))
    assert (finding.facts["outcome"], finding.facts["tries"]) == ("silent", 7)
    assert finding.severity is Severity.ERROR


def test_a_silent_tcp_port(tmp_path: Path) -> None:
    assert found(tmp_path, TCP_CALL, silent(5, EDGE, FAR)).facts["outcome"] == "silent"


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_firewall_that_rejects_by_icmp(tmp_path: Path, protocol: str) -> None:
    upper = TCP(EDGE[1], FAR[1], 1000, 0, "S") if protocol == "tcp" else UDP(EDGE[1], FAR[1], check("one"))
    sent = packet(EDGE[0], FAR[0], upper)
    edge = []
    for turn in range(3):
        edge += [
            framed(5 + turn, sent),
            framed(5.001 + turn, packet("10.3.0.1", EDGE[0], ICMP(3, 13, payload=quoting(sent)))),
        ]
    finding = found(tmp_path, TCP_CALL if protocol == "tcp" else UDP_CALL, edge)
    assert finding.facts["outcome"] == "rejected"
    assert "administratively prohibited, says 10.3.0.1" in finding.summary


def test_ipv6(tmp_path: Path) -> None:
    offer = described(SIX_EDGE, ("2001:db8:1::98", 21916))
    answer = described(SIX_FAR, ("2001:db8:2::50", 50058))
    finding = found(tmp_path, call(offer, answer), checks(5, SIX_EDGE, SIX_FAR))
    assert finding.facts["seen_as"] == ["[2001:db8:1::40]:58138", "[2001:db8:2::1]:50704"]
    assert not finding.facts["translated"]
    sent = packet(SIX_EDGE[0], SIX_FAR[0], UDP(SIX_EDGE[1], SIX_FAR[1], check("one")))
    error = framed(5.1, packet("2001:db8:1::1", SIX_EDGE[0], ICMPv6(1, 1, payload=quoting(sent, 1232))))
    assert found(tmp_path, call(offer, answer), [framed(5, sent), error]).facts["outcome"] == "rejected"


def test_the_far_side_may_be_behind_nat_too(tmp_path: Path) -> None:
    finding = found(tmp_path, TCP_CALL, refused(5, PUBLIC, ("172.16.9.9", 50704)))
    assert finding.facts["seen_as"][1] == "172.16.9.9:50704"


def test_signalling_over_udp_and_attributes_in_another_order(tmp_path: Path) -> None:
    offer = (
        "v=0\no=- 0 0 IN IP4 2.2.2.2\ns=-\nt=0 0\nm=applicationsharing 58138 TCP/RTP/AVP 127\n"
        "a=candidate:3 1 TCP 6556159 2.2.2.2 58138 typ relay tcptype passive raddr 10.98.2.1 rport 13211\n"
        "a=x-mediabw:applicationsharing-video\nc=IN IP4 2.2.2.2\na=ice-ufrag:PFb1\n"
    )
    answer = described(FAR, ("10.26.10.50", 50058), "TCP-PASS", "TCP/RTP/SAVP", "applicationsharing")
    ends = (CALLER[0], 5060), SERVER
    lines = [
        datagram(0.1, *ends, sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog(), offer)),
        datagram(3.0, *ends[::-1], sip("SIP/2.0 200 OK", dialog(answered=True), answer)),
    ]
    assert found(tmp_path, lines, refused(5, EDGE, FAR)).facts["media"] == "applicationsharing"


def test_both_descriptions_in_one_multipart_body(tmp_path: Path) -> None:
    boundary = "----=_NextPart_000_0006"
    parts = "".join(
        f"--{boundary}\nContent-Type: application/sdp\nContent-Disposition: session; handling=optional; ms-proxy-2007fallback\n\n{text}\n"
        for text in (sdp("2.2.2.2", "audio 55555 RTP/AVP 0"), described(PUBLIC, ("10.98.2.1", 21916)))
    )
    kind = f'multipart/alternative;boundary="{boundary}"'
    lines = spoken(
        0.0,
        CALLER,
        SERVER,
        [
            (0.1, "c", sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog(), parts + f"--{boundary}--\n", kind)),
            (3.0, "s", sip("SIP/2.0 200 OK", dialog(answered=True), described(FAR, ("10.26.10.50", 50058)))),
        ],
    )
    assert found(tmp_path, lines, checks(5, EDGE, FAR)).facts["agreed"] == ["2.2.2.2:58138", "1.1.1.1:50704"]


def test_one_pair_that_works_is_enough(tmp_path: Path) -> None:
    host, far_host = ("10.98.2.1", 21916), ("10.26.10.50", 50058)
    answer = stun(1 | SUCCESS, [(0x0020, xor_address(host, b"\0" * 12))], "direct")
    works = [datagram(5.2, host, far_host, check("direct")), datagram(5.25, far_host, host, answer)]
    assert quiet(tmp_path, UDP_CALL, [*checks(5, EDGE, FAR), *works])


def test_answered_checks_are_quiet(tmp_path: Path) -> None:
    answer = stun(1 | SUCCESS, [(0x0020, xor_address(EDGE, b"\0" * 12))], "one")
    assert quiet(tmp_path, UDP_CALL, [*checks(5, EDGE, FAR, 2), datagram(5.6, FAR, EDGE, answer)])
    assert quiet(
        tmp_path, TCP_CALL, spoken(5, EDGE, FAR, [(0.1, "c", b"\0\x10" + b"x" * 16), (0.2, "s", b"\0\x10" + b"y" * 16)])
    )


def test_the_answer_alone_names_what_is_then_refused(tmp_path: Path) -> None:
    answer = sip(
        "SIP/2.0 200 OK", dialog(answered=True), described(FAR, ("10.26.10.50", 50058), "TCP-PASS", "TCP/RTP/SAVP")
    )
    finding = found(tmp_path, spoken(0, CALLER, SERVER, [(3, "s", answer)]), refused(5, EDGE, FAR))
    assert (finding.confidence, finding.facts["agreed"]) == (Confidence.MEDIUM, ["", "1.1.1.1:50704"])
    assert "One party asked for media" in finding.summary


def test_a_call_that_was_turned_down_wants_no_media(tmp_path: Path) -> None:
    lines = [
        (0.1, "c", sip("INVITE sip:b@x SIP/2.0", dialog(), described(PUBLIC, ("10.98.2.1", 21916)))),
        (1.0, "s", sip("SIP/2.0 183 Progress", dialog(answered=True), described(FAR, ("10.26.10.50", 50058)))),
        (9.0, "s", sip("SIP/2.0 603 Decline", dialog(answered=True))),
    ]
    assert quiet(tmp_path, spoken(0, CALLER, SERVER, lines), checks(1.5, EDGE, FAR))
    assert not quiet(tmp_path, spoken(0, CALLER, SERVER, lines[:2]), checks(1.5, EDGE, FAR))


def test_a_call_given_up_for_want_of_media_is_named(tmp_path: Path) -> None:
    offer = described(PUBLIC, ("10.98.2.1", 21916))
    early = sip("SIP/2.0 183 Session Progress", dialog(answered=True), described(FAR, ("10.26.10.50", 50058)))
    reason = 'ms-client-diagnostics: 23;reason="Call failed to establish due to a media connectivity failure when one endpoint is internal"'
    end = sip("SIP/2.0 480 Temporarily Unavailable", [*dialog(answered=True), reason])
    lines = spoken(
        0,
        CALLER,
        SERVER,
        [(0.1, "c", sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog(), offer)), (1, "s", early), (20, "s", end)],
    )
    finding = found(tmp_path, lines, checks(5, EDGE, FAR))
    assert "23 (Call failed to establish" in finding.summary


def test_direct_pairs_that_fail_are_a_warning_where_a_relay_may_carry_the_media(tmp_path: Path) -> None:
    case = make_case(
        tmp_path, {"client": [*UDP_CALL, *checks(5, ("10.98.2.1", 21916), ("10.26.10.50", 50058)), *both_ways(40)]}
    )
    verdicts = judge(case, RULE)
    assert [finding.severity for finding in verdicts.findings] == [Severity.WARNING]
    assert "TURN relay" in verdicts.undecided[0].capture_next
    lasting = [*UDP_CALL, *checks(5, ("10.98.2.1", 21916), ("10.26.10.50", 50058)), *both_ways(90)]
    assert only(make_case(tmp_path, {"lasting": lasting}), RULE).severity is Severity.INFO


def test_ports_of_other_conversations_and_other_times_are_not_taken_for_media(tmp_path: Path) -> None:
    assert quiet(tmp_path, UDP_CALL, refused(5, EDGE, FAR))  # TCP, while UDP was agreed on
    assert quiet(tmp_path, TCP_CALL, refused(5, ("10.3.0.40", 58139), ("1.1.1.9", 50704)))
    late = [*TCP_CALL, *refused(2000, EDGE, FAR)]
    assert judge(make_case(tmp_path, {"edge": late}), RULE).findings == []


def test_a_re_invite_does_not_double_the_finding(tmp_path: Path) -> None:
    offer, answer = described(PUBLIC, ("10.98.2.1", 21916)), described(FAR, ("10.26.10.50", 50058))
    again = [
        (8.0, "c", sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog("call", True, "2 INVITE"), offer)),
        (8.2, "s", sip("SIP/2.0 200 OK", dialog("call", True, "2 INVITE"), answer)),
    ]
    assert found(tmp_path, call(offer, answer, *again), checks(5, EDGE, FAR)).facts["failed_pairs"] == 1


def test_sessions_that_use_the_same_ports_one_after_the_other_are_judged_each(tmp_path: Path) -> None:
    offer = described(PUBLIC, ("10.98.2.1", 21916), "TCP-PASS", "TCP/RTP/SAVP")
    answer = described(FAR, ("10.26.10.50", 50058), "TCP-PASS", "TCP/RTP/SAVP")
    lines = []
    for at, name in ((0.1, "first"), (20.0, "second")):
        lines += [(at, "c", sip("INVITE sip:b@x SIP/2.0", dialog(name), offer))]
        lines += [(at + 1, "s", sip("SIP/2.0 200 OK", dialog(name, answered=True), answer))]
    edge = [*refused(2, EDGE, FAR), *spoken(22, EDGE, FAR, [(0.1, "c", b"\0\2hi"), (0.2, "s", b"\0\2ho")])]
    assert found(tmp_path, spoken(0, CALLER, SERVER, lines), edge).facts["call_id"] == "first"


def test_two_media_of_one_session_are_judged_each(tmp_path: Path) -> None:
    offer = (
        described(PUBLIC, ("10.98.2.1", 21916))
        + "m=video 58200 RTP/SAVP 121\na=candidate:4 1 UDP 6556159 2.2.2.2 58200 typ relay\n"
    )
    answer = (
        described(FAR, ("10.26.10.50", 50058))
        + "m=video 50900 RTP/SAVP 121\na=candidate:4 1 UDP 6556159 1.1.1.1 50900 typ relay\n"
    )
    answered = stun(1 | SUCCESS, [], "one")
    works = [*checks(5, EDGE, FAR, 1), datagram(5.2, FAR, EDGE, answered)]
    finding = found(tmp_path, call(offer, answer), [*works, *checks(5, ("10.3.0.40", 58200), ("1.1.1.1", 50900))])
    assert finding.facts["media"] == "video"


def test_two_hundred_sessions_to_one_blocked_edge_are_one_finding(tmp_path: Path) -> None:
    signalling: list[tuple[float, str, bytes]] = []
    media = []
    for turn in range(200):
        offer = described(("2.2.2.2", 51000 + turn), ("10.98.2.1", 21000 + turn))
        answer = described(("1.1.1.1", 52000 + turn), ("10.26.10.50", 23000 + turn))
        signalling.append(
            (turn * 0.1 + 0.1, "c", sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog(f"call{turn}"), offer))
        )
        signalling.append((turn * 0.1 + 0.15, "s", sip("SIP/2.0 200 OK", dialog(f"call{turn}", True), answer)))
        media += checks(turn * 0.1 + 0.3, ("10.3.0.40", 51000 + turn), ("1.1.1.1", 52000 + turn))
    finding = found(tmp_path, spoken(0, CALLER, SERVER, signalling), sorted(media))
    assert finding.facts["count"] == 200


def test_a_clients_log_in_place_of_its_capture_names_the_same_addresses(tmp_path: Path) -> None:
    case = with_log(open_case(d9_sip_log.build(tmp_path)), d9_sip_log.LOG, "uccapi.log")
    finding = only(case, RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert [(row.capture, row.line) for row in finding.evidence if row.line] == [("uccapi.log", 3), ("uccapi.log", 32)]
    assert finding.facts["agreed"] == d9_sip_log.EXPECT["agreed"]
    assert "uccapi.log does not state its zone: addresses and ports are what tie it to edge." in finding.summary


def test_a_log_of_another_day_part_in_a_stated_zone_has_nothing_to_do_with_the_capture(tmp_path: Path) -> None:
    case = with_log(open_case(d9_sip_log.build(tmp_path)), d9_sip_log.LOG)
    case.logs[0].zone_s = 5 * 3600
    assert judge(case, RULE).findings == []


def test_a_log_of_half_a_quarter_hour_before_does_not_fit_in_any_zone(tmp_path: Path) -> None:
    text = d9_sip_log.LOG.replace("|10:43:", "|10:45:")
    assert judge(with_log(open_case(d9_sip_log.build(tmp_path)), text), RULE).findings == []
