"""Message tables over real captures: as many messages of each kind as tshark finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.messages.test_dns_records import ANSWER, query
from tests.support.files import write_pcap
from tests.support.oracle import ORACLE_VERSION, tshark_version
from tests.support.said_over import datagram, said
from tests.support.tables import spaced
from tools.compare_messages import FIELDS, PROTOCOLS, Agreement, Frame, compare, main, render

CHOSEN = (
    "smb/suricata__smb2-ntlmssp-negotiateflags_input.pcap",
    "dns/PcapPlusPlus__DnsPackets.pcap",
    "dns/netverdict__dns_truncated_tcp_ok.pcap",
    "ike-esp/wiki_ikev2_natt_3conn.pcapng",
    "ike-esp/wireshark-4.0.17-src__ikev1-bug-12610.pcapng.gz",
    "http/zeek__1000-requests-one-dropped-response.pcap.gz",
    "dcerpc-dcom/suricata__dcerpc_dcerpc-ctxids_input.pcap",
    "dcerpc-dcom/Wireshark__ntlm_ldap.pcapng",
    "dcerpc-dcom/suricata__dcerpc_dcerpc-auth3-5133_input.pcap",
    "tls-handshake/wireshark-4.4.18-src__quic-fragmented-handshakes.pcapng.gz",
    "tls-handshake/zeek__client-certificate.pcap",
    "tls-handshake/zeek__pop3-starttls.pcap",
    "tds/Wireshark__ms-sql-tds-rpc-requests.cap",
    "sip/zeek__wireshark.pcap",
    "ice-stun-turn/nDPI__stun.pcap",
)
"""A few of each protocol: tshark takes a second for each. `tools/compare_messages.py` takes all."""


@pytest.fixture(scope="module")
def agreement(captures: Path, program: Callable[[str], str]) -> Agreement:
    """The chosen captures, compared once."""
    if tshark_version(program("tshark")) != ORACLE_VERSION:
        pytest.skip(f"counts follow tshark {ORACLE_VERSION}")
    return compare([captures / name for name in CHOSEN])


def test_there_are_as_many_messages_of_each_kind_as_tshark_finds(agreement: Agreement) -> None:
    assert agreement.differences == []


def test_every_protocol_is_compared(agreement: Agreement) -> None:
    counts: Counter[str] = Counter()
    for (protocol, _), count in agreement.both.items():
        counts[protocol] += count
    assert {name for name in PROTOCOLS if counts[name] < 2} == set(), counts


# --- the comparison itself ---------------------------------------------------------------------------------------------


def frame(**values: str) -> Frame:
    """One frame's answer; dots are written as two underscores."""
    told = {name.replace("__", "."): value.split(",") for name, value in values.items()}
    return {name: told.get(name, []) for name in FIELDS}


@pytest.mark.parametrize(
    ("protocol", "answer", "kinds"),
    [
        ("dns", frame(dns__flags__response="0,1"), ["query", "response"]),
        ("tls", frame(tls__handshake__type="2,11,14,99", tls__alert_message__desc="40"), ["server_hello", "certificate", "server_hello_done", "alert"]),
        ("rpc", frame(dcerpc__pkt_type="0", frame__protocols="eth:ip:tcp:dcerpc"), ["request"]),
        ("rpc", frame(dcerpc__pkt_type="0", frame__protocols="eth:ip:tcp:nbss:smb2:dcerpc"), []),
        ("stun", frame(stun__type__class="0x0010,0x0011"), ["success", "error"]),
        ("kerberos", frame(kerberos__msg_type="12,14", frame__protocols="eth:ip:tcp:kerberos"), ["TGS-REQ"]),
        ("esp", frame(esp__spi="0x10", ip__src="10.0.0.1", ip__dst="10.0.0.2"), ["10.0.0.1 10.0.0.2 16"]),
        ("smb", frame(smb__flags__response="0", frame__protocols="eth:ip:udp:nbdgm:smb"), []),
        ("sip", frame(sip__Method="INVITE"), ["INVITE"]),
    ],
)  # fmt: skip
def test_tshark_s_answers_are_told_by_kind(protocol: str, answer: Frame, kinds: list[str]) -> None:
    assert list(PROTOCOLS[protocol].theirs(answer)) == kinds


def test_what_only_one_side_has_is_counted_for_it() -> None:
    made = Agreement()
    made.add("a.pcap", "dns", Counter(query=3), Counter(query=1, response=2))
    assert (made.both["dns", "query"], made.wireproof["dns", "query"], made.tshark["dns", "response"]) == (1, 2, 2)
    assert made.share("dns") == pytest.approx(0.2)
    assert made.share("tls") == 1.0
    assert made.differences == [
        "a.pcap: dns query: tshark 1, wireproof 3",
        "a.pcap: dns response: tshark 2, wireproof 0",
    ]
    assert "| dns | query | 1 | 0 | 2 |" in render(made)


def test_the_tool_prints_its_table(
    tmp_path: Path, program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program("tshark")
    path = write_pcap(
        tmp_path / "dns.pcap", spaced([datagram("client", query()), datagram("server", ANSWER), *said([])])
    )
    monkeypatch.setattr(
        "sys.argv", ["compare_messages", "--files", "--only", "dns", "--keep", str(tmp_path / "kept"), str(path)]
    )
    assert [main(), main()] == [0, 0]
    assert capsys.readouterr().out.count("| dns | response | 1 | 0 | 0 |") == 2
