"""Real captures whose stated fault wireproof has to name, and others in which it must find no fault.

The captures lie outside the repository (see `captures` in conftest.py). Each row is what the collection's index, or the scenario in
the file's name, says of the file; the rule is how wireproof has to call it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.verdicts import judge, open_case
from wireproof.finding import Severity

FAULTS: tuple[tuple[str, str], ...] = (
    (
        "tcp-connect/Security-Datasets__covenant_sharpsc_create_dcerpc_smb_svcctl_2020-08-06022635.cap",
        "tcp-syn-unanswered",
    ),
    ("tcp-connect/Wireshark__233TH.pcap", "tcp-syn-unanswered"),
    ("tcp-connect/Wireshark__ho.pcap", "tcp-syn-unanswered"),
    ("tcp-connect/Wireshark__ip.pcap", "tcp-syn-unanswered"),
    ("tcp-connect/Wireshark__lan1.pcap", "tcp-syn-unanswered"),
    ("tcp-connect/Wireshark__tsdns_pcap.pcapng.gz", "tcp-syn-unanswered"),
    ("tcp-connect/Wireshark__tsdns_pcap.pcapng.gz", "tcp-connection-refused"),
    ("tcp-connect/nDPI__tcp_scan.pcapng", "tcp-connection-refused"),
    ("tcp-connect/netverdict__drop.pcap", "tcp-syn-unanswered"),
    ("tcp-connect/netverdict__reject.pcap", "icmp-unreachable"),
    ("tcp-connect/netverdict__reject_icmp.pcap", "icmp-unreachable"),
    ("tcp-connect/netverdict__rst.pcap", "tcp-connection-refused"),
    ("tcp-connect/netverdict__rst_to_syn.pcap", "tcp-connection-refused"),
    ("tcp-connect/netverdict__syn_no_answer.pcap", "tcp-syn-unanswered"),
    ("tcp-connect/netverdict__udp_ntp_muet.pcap", "udp-unanswered"),
    ("tcp-connect/netverdict__udp_port_ferme.pcap", "icmp-unreachable"),
    ("tcp-reset/Wireshark__SkypeIRC.cap", "tcp-syn-unanswered"),
    ("tcp-reset/Wireshark__kharghar.pcap", "tcp-connection-refused"),
    ("tcp-reset/Wireshark__ais.cap", "tcp-request-reset"),
    ("tcp-reset/zeek__rst-inject-rae.pcap", "path-forged-reset"),
    ("tcp-loss/gopacket__layers_testdata_cip.pcap", "tcp-syn-unanswered"),
    ("tcp-loss/gopacket__layers_testdata_cip.pcap", "capture-duplicates"),
    ("tcp-loss/netverdict__loss.pcap", "tcp-retransmission"),
    ("tcp-loss/netverdict__retrans_heavy.pcap", "tcp-retransmission"),
    ("tcp-loss/tcptrace__discard.solaris.dmp.gz", "tcp-retransmission"),
    ("tcp-loss/tcptrace__psc.fddi.dmp.gz", "tcp-retransmission"),
    ("tcp-loss/tcptrace__badsyns.dmp.gz", "tcp-syn-unanswered"),
    ("tcp-loss/tcptrace__urgent.dmp.gz", "tcp-zero-window"),
    ("tcp-loss/zeek__option-sack.pcap", "tcp-syn-unanswered"),
    ("tcp-loss/zeek__ssh-dups.pcap", "capture-duplicates"),
    ("tcp-slow/1_netverdict__slow_app.pcap", "app-slow-response"),
    ("tcp-slow/netverdict__slow_app.pcap", "app-slow-response"),
    ("tcp-slow/netverdict__zero_window.pcap", "tcp-zero-window"),
    ("tcp-slow/netverdict__zero_window_server.pcap", "tcp-zero-window"),
    ("tcp-slow/tcptrace__long_rtt.dmp.gz", "tcp-retransmission"),
    ("mtu-mss/PcapFlowLab__06_icmp_dest_unreachable_frag_needed_mtu_1400.pcap", "icmp-unreachable"),
    ("mtu-mss/Wireshark__nfs_bad_stalls.cap", "tcp-delayed-ack"),
    ("mtu-mss/netverdict__mtu_blackhole.pcap", "icmp-unreachable"),
    ("mtu-mss/suricata__bug-3616-smtp_input.pcap", "icmp-unreachable"),
    ("mtu-mss/suricata__filestore-5408_input.pcap", "icmp-unreachable"),
    ("offload-length/Security-Datasets__purplesharp_ad_playbook_I_2020-10-22042947.cap", "capture-offload-length"),
    ("offload-length/Security-Datasets__schtask_create_2020-12-1907003032.pcapng", "capture-offload-length"),
    ("offload-length/tcpdump__bigtcp-ipv4.pcap", "capture-offload-length"),
    ("offload-length/tcpdump__bigtcp-ipv6.pcap", "capture-offload-length"),
    ("offload-length/tcpdump__ipv4_tcp_http_xml_tso.pcap", "capture-offload-length"),
    ("offload-length/zeek__kerberos_tso.pcapng", "capture-offload-length"),
    ("arp/Wireshark__arp-storm.pcap", "arp-burst"),
    ("arp/Wireshark__220702_arp-storm.pcapng", "arp-burst"),
    ("arp/Wireshark__220703_arp-storm.pcapng", "arp-burst"),
    ("dns/netverdict__dns_no_answer.pcap", "dns-unanswered"),
    ("dns/netverdict__dns_nxdomain.pcap", "dns-error"),
    ("dns/netverdict__dns_refused.pcap", "dns-error"),
    ("dns/netverdict__dns_slow.pcap", "dns-slow"),
    ("dns/suricata__dns-eve-v2-udp-nxdomain-soa_dns-udp-nxdomain-soa.pcap", "dns-error"),
    ("dns/zeek__dns_extended_rcode.pcap", "dns-error"),
    ("tls-handshake/PcapFlowLab__tls_1_2_expired_certificate_alert_16.pcap", "tls-expired"),
    ("tls-handshake/PcapFlowLab__tls_1_2_expired_certificate_alert_16.pcap", "tls-alert"),
    ("tls-handshake/PcapFlowLab__tls_1_2_client_to_tls_1_0_protocol_version_15.pcap", "tls-alert"),
    ("tls-handshake/nDPI__tls_alert.pcap", "tls-alert"),
    ("tls-handshake/suricata__tls-extra-alert_input.pcap", "tls-alert"),
    ("tls-handshake/zeek__tls-1.2-handshake-failure.pcap", "tls-alert"),
    ("tls-handshake/zeek__tls13draft16-chrome55.0.2879.0-canary-aborted.pcap", "tls-alert"),
    ("tls-handshake/zeek__tls13draft16-ff52.a01-aborted.pcap", "tls-alert"),
    ("tls-handshake/zeek__tls-expired-cert.pcap", "tls-expired"),
    ("tls-handshake/zeek__certificate-request-failed.pcap", "tls-client-certificate-missing"),
    ("tls-handshake/zeek__globus-url-copy-bad-encoding.pcap", "tls-null-cipher"),
    ("tls-handshake/zeek__https-to-http.pcap", "tls-answered-in-clear"),
    ("tls-handshake/zeek__ssl-to-http-server.pcap", "tls-answered-in-clear"),
    ("tls-handshake/zeek__tls-1.2-protocol-error.pcap", "tls-answered-in-clear"),
    ("http/nDPI__http_ipv6.pcap", "tls-name-mismatch"),
    ("sip/Wireshark__aaa.pcap", "sip-error"),
    ("sip/Wireshark__wireuploaded.pcap", "sip-error"),
    ("dcerpc-dcom/suricata__dcerpc_zerologon_input.pcap", "smb-denied"),
    ("dcerpc-dcom/suricata__dcerpc_dcerpc-bind-no-frag-flag_input.pcap", "smb-denied"),
    ("smb/suricata__smb2-named-pipe-unicode_input.pcap", "smb-denied"),
    ("smb/Wireshark__smb-on-windows-10.pcapng", "smb-denied"),
    ("smb/Wireshark__smb2-peter.pcap", "smb-denied"),
    ("dcerpc-dcom/Wireshark__dcerpc-fault-stub-data-02.pcap.gz", "kerberos-error"),
    ("tls-keys/wiki_krb-816.cap", "kerberos-error"),
)

QUIET: tuple[str, ...] = (
    "sip/Wireshark__sip-rtp-g711.pcap",
    "sip/nDPI__sip_hello.pcapng",
    "ice-stun-turn/nDPI__teams.pcap",
    "ice-stun-turn/nDPI__stun_google_meet.pcapng",
    "ice-stun-turn/zeek__webrtc-stun.pcap",
    "tcp-loss/1_netverdict__clean.pcap",
    "tcp-loss/netverdict__clean.pcap",
    "tcp-loss/Wireshark__tcp-ecn-sample.pcap",
    "tcp-connect/netverdict__udp_echange.pcap",
    "tcp-connect/zeek__syn-synack.pcap",
    "dns/netverdict__dns_clean.pcap",
    "dns/netverdict__dns_truncated_tcp_ok.pcap",
    "arp/PcapFlowLab__04_gratuitous_arp_request_ipv4.pcap",
    "arp/PcapFlowLab__05_gratuitous_arp_reply_ipv4.pcap",
    "arp/PcapFlowLab__06_arp_probe_ipv4.pcap",
    "arp/PcapFlowLab__07_vlan_arp_request_ipv4.pcap",
    "arp/tcpdump__HSRP_coup.pcap",
    "tls-handshake/PcapFlowLab__tls_1_0_badssl_baseline_12.pcap",
    "tls-handshake/PcapFlowLab__tls_1_1_badssl_baseline_13.pcap",
    "tls-handshake/PcapFlowLab__tls_1_2_badssl_baseline_14.pcap",
    "tls-handshake/PcapFlowLab__tls_1_3_split_client_hello_10.pcap",
    "tls-handshake/suricata__tls_tls-store-02_tls-client-auth.pcap",
    "tls-handshake/zeek__client-certificate.pcap",
    "tls-handshake/zeek__smtp-starttls.pcap",
    "tls-handshake/zeek__psql-aws-ssl-require.pcap",
    "tls-handshake/zeek__tls13_psk_succesfull.pcap",
)


@pytest.mark.parametrize(("name", "rule"), FAULTS, ids=[f"{rule}:{Path(name).name[:40]}" for name, rule in FAULTS])
def test_the_stated_fault_is_named(captures: Path, name: str, rule: str) -> None:
    found = judge(open_case({"capture": captures / name})).findings
    assert rule in {finding.rule for finding in found}
    assert all(finding.evidence for finding in found)


@pytest.mark.parametrize("name", QUIET, ids=[Path(name).name for name in QUIET])
def test_healthy_captures_stay_quiet(captures: Path, name: str) -> None:
    found = judge(open_case({"capture": captures / name})).findings
    assert [finding.title for finding in found if finding.severity is not Severity.INFO] == []


def pairs_of(folder: Path) -> list[tuple[Path, Path]]:
    return [
        (path, path.with_name(path.name.replace("WORKSTATION5", "WORKSTATION6")))
        for path in sorted(folder.glob("*WORKSTATION5*"))
        if path.with_name(path.name.replace("WORKSTATION5", "WORKSTATION6")).exists()
    ]


def test_healthy_pairs_of_one_lan_show_no_loss(captures: Path) -> None:
    pairs = pairs_of(captures / "two-sided")
    assert pairs
    for one, other in pairs:
        case = open_case({"one": one, "other": other})
        assert case.alignment.journeys, one.name
        assert all(clock.known for clock in case.alignment.clocks), one.name
        found = judge(case, "path-loss", "path-forged-reset", "path-mtu-blackhole", "path-latency").findings
        assert [finding.title for finding in found if finding.severity is not Severity.INFO] == [], one.name
