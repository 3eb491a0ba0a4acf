"""Case folders with outputs of commands beside the captures: the authors' conclusions, with both as evidence."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d10_nlb, d13_iphttps_certificate, d14_iphttps
from wireproof.analyse import analyse
from wireproof.finding import Confidence, Finding


def findings(folder: Path) -> list[Finding]:
    with analyse([str(folder)]) as report:
        assert [note for note in report.case.notes if "stopped with" in note] == []
        return report.verdicts.findings


def by_rule(found: list[Finding]) -> dict[str, Finding]:
    return {finding.rule: finding for finding in reversed(found)}


def files(finding: Finding) -> set[str]:
    return {Path(piece.capture).name for piece in finding.evidence}


def test_the_wrong_certificate_leads_with_the_binding_of_the_right_one_and_the_record_to_change(tmp_path: Path) -> None:
    found = findings(d13_iphttps_certificate.build_folder(tmp_path))
    assert found[0].rule == "tls-name-mismatch"
    assert "is bound to 1.1.1.1:443, and UAGDAServer-FQDN leads to 1.1.1.2" in found[0].summary
    assert "A record of UAGDAServer-FQDN from 1.1.1.2 to 1.1.1.1" in found[0].fix[0]
    assert "certhash=8691087835614a5f09b5f11c403d595c461ff603" in found[0].fix[1]
    assert files(found[0]) == {"client", "server.txt", "client.txt"}
    named = by_rule(found)
    assert {named[rule].id for rule in ("tls-untrusted", "directaccess-stopped")} <= set(found[0].explains)


def test_the_clients_own_error_makes_distrust_certain(tmp_path: Path) -> None:
    named = by_rule(findings(d13_iphttps_certificate.build_folder(tmp_path)))
    untrusted, stopped = named["tls-untrusted"], named["directaccess-stopped"]
    assert (untrusted.confidence, stopped.confidence) == (Confidence.HIGH, Confidence.HIGH)
    assert "0x800b0109 (CERT_E_UNTRUSTEDROOT)" in untrusted.summary
    assert "0x800b0109 (CERT_E_UNTRUSTEDROOT), which fits" in stopped.summary
    assert files(untrusted) == {"client", "client.txt"}
    assert files(stopped) == {"client", "client.txt", "server.txt"}


def test_one_pasted_text_of_packets_and_outputs_names_error_and_binding(tmp_path: Path) -> None:
    # A listing carries no contents of the handshake: where it stopped is the output's word, and said to be.
    case = d13_iphttps_certificate
    (tmp_path / "post.txt").write_text(f"{case.HTTPSTUNNEL}\n{case.LISTING}\n{case.SSLCERT}\n{case.CERTUTIL}")
    stopped = by_rule(findings(tmp_path))["directaccess-stopped"]
    assert stopped.confidence is Confidence.MEDIUM
    assert "0x800b0109 (CERT_E_UNTRUSTEDROOT)" in stopped.summary
    assert "certificate for uagdaserver-fqdn is bound to 1.1.1.1:443" in stopped.summary
    assert "No capture at hand shows where this client's attempt stopped" in stopped.summary
    assert {piece.line for piece in stopped.evidence} >= {5}


def test_lost_syns_lead_and_explain_the_clients_error(tmp_path: Path) -> None:
    found = findings(d14_iphttps.build_folder(tmp_path))
    stopped = by_rule(found)["directaccess-stopped"]
    assert found[0].rule == "path-loss"
    assert stopped.id in found[0].explains
    assert "0x274c (WSAETIMEDOUT), which fits" in stopped.summary
    assert {piece.frame for piece in stopped.evidence if piece.capture == "client"} >= set(
        d14_iphttps.EXPECT["evidence"]["client"]
    )
    assert "httpstunnel.txt" in files(stopped)


def test_tables_alone_name_the_cluster_and_the_entry_to_make(tmp_path: Path) -> None:
    (tmp_path / "arp.txt").write_text(d10_nlb.HOST_TABLE)
    (tmp_path / "router.txt").write_text(d10_nlb.ROUTER_TABLE)
    (found,) = findings(tmp_path)
    assert found.rule == "arp-multicast-mac"
    assert d10_nlb.EXPECT["static_arp"]["article"] in found.fix[0]


def test_outputs_of_machines_on_which_all_is_well_make_no_finding(tmp_path: Path) -> None:
    up = d13_iphttps_certificate.HTTPSTUNNEL.replace("0x800b0109", "0x0").replace(
        "failed to connect to the IPHTTPS server. Waiting to reconnect", "IPHTTPS interface active"
    )
    router = d10_nlb.ROUTER_TABLE.replace("0   Incomplete    ", "3   001e.0b3f.6302")
    host = d10_nlb.HOST_TABLE.replace("03-00-5e-11-11-11", "00-1e-0b-3f-63-02")
    texts = {**d13_iphttps_certificate.OUTPUTS, "client.txt": up, "arp.txt": host, "router.txt": router}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    with analyse([str(tmp_path)]) as report:
        assert (report.verdicts.findings, report.verdicts.undecided) == ([], [])
        assert len(report.case.logs) == 6


def test_outputs_alone_say_what_the_error_means_and_where_the_certificate_is(tmp_path: Path) -> None:
    for name, text in d13_iphttps_certificate.OUTPUTS.items():
        (tmp_path / name).write_text(text)
    (found,) = findings(tmp_path)
    assert (found.rule, found.confidence) == ("directaccess-stopped", Confidence.MEDIUM)
    assert "bound to 1.1.1.1:443" in found.summary
