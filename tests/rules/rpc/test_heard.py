"""What a trace of the client's stack says came back from the mapper."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.listings import OUTLOOK
from wireproof.analyse import analyse
from wireproof.finding import Finding

HEAD = "15:37:26.9648191 OUTLOOK.EXE (5788) TCPIP_MicrosoftWindowsTCPIP TCPIP_MicrosoftWindowsTCPIP:TCP:"
TRACE = f"""31519 {HEAD} Tcb 0x042E0AE0 (local=2001:0:0A0B:86E8:388E:FCB:4337:1876:61581 (0xF08D) remote=2002:0A01:86E8:8001:0:0:A0B:0202:135 (0x87)) requested to connect.
31523 {HEAD} connection 0x042E0AE0: Sent data with number of bytes = 1 (0x1) and Sequence number = 2258039006 (0x8696F0DE).
31542 {HEAD} connection 0x042E0AE0: Received data with number of bytes = 1 (0x1). ThSeq = 3786409003 (0xE1B0042B).
31552 {HEAD} connection 0x042E0AE0: Sent data with number of bytes = 72 (0x48) and Sequence number = 2258039007 (0x8696F0DF).
31559 {HEAD} connection 0x042E0AE0: Received data with number of bytes = 24 (0x18). ThSeq = 3786409003 (0xE1B0042B).
31563 {HEAD} connection 0x042E0AE0 transition from EstablishedState to FinWait1State, SndNxt = 2258039079 (0x8696F127).
"""  # noqa: E501 - as printed


def judged(folder: Path, trace: str) -> Finding:
    file = folder / "ticket.txt"
    file.write_text(f"{trace}\n{OUTLOOK}", encoding="utf-8")
    with analyse([str(file)]) as report:
        (finding,) = (one for one in report.verdicts.findings if one.rule == "rpc-endpoint-elsewhere")
        return finding


def test_a_client_that_got_too_little_and_closed_shows_that_the_answer_was_dropped(tmp_path: Path) -> None:
    finding = judged(tmp_path, TRACE)
    assert finding.severity == "error"
    assert (
        "[2002:a01:86e8:8001::a0b:202]:135: it sent 72 bytes, got 24 back, too few for an answer, and closed"
        in finding.summary
    )
    assert {row.line for row in finding.evidence} >= {1, 5, 6}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A0B:0202:135", "A0B:0203:135"),
        ("= 24 (0x18)", "= 152 (0x98)"),
        ("from EstablishedState to FinWait1State", "from SynSentState to EstablishedState"),
        ("remote=2002:0A01:86E8:8001:0:0:A0B:0202:135", "remote=2002:0A01:86E8:8001:0:0:A0B:0202:443"),
    ],
)
def test_another_host_a_whole_answer_or_an_open_connection_says_nothing(tmp_path: Path, old: str, new: str) -> None:
    finding = judged(tmp_path, TRACE.replace(old, new))
    assert "TCP/IP stack" not in finding.summary
    assert finding.severity == "warning"
