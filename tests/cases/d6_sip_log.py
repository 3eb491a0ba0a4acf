"""Lync sign-in that ends in 504, with what the Edge server's SIPStack log says: the three captures of D6 and that log.

The records are those that the article prints, as it prints them: without the lines that it left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples import lync

REGISTER = """TL_INFO(TF_PROTOCOL) [0]05E0.0AAC::01/08/2013-09:18:57.600.02e733e9 (SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125))$$begin_record
Trace-Correlation-Id: 3490147474
Instance-Id: 000AE0DB
Direction: incoming;source="external edge";destination="internal edge"
Peer: 10.1.1.1:62973
Message-Type: request
Start-Line: REGISTER sip:contoso.com SIP/2.0
From: <sip:username@contoso.com>;tag=eee093290f;epid=927c603558
To: <sip:username@contoso.com>
CSeq: 1 REGISTER
Call-ID: 20d82282a7d94f4fb66a0a6df0c0377f
Via: SIP/2.0/TLS 192.168.2.98:62973
Max-Forwards: 70
User-Agent: UCCAPI/4.0.7577.4356 OC/4.0.7577.4356 (Microsoft Lync 2010)
Supported: gruu-10, adhoclist, msrtc-event-categories
ms-keep-alive: UAC;hop-hop=yes
Event: registration
Content-Length: 0
Message-Body:
"""
CONNECTION = """TL_ERROR(TF_CONNECTION) [0]05E0.0AAC::01/08/2013-09:19:18.611.02e77050 (SIPStack,SIPAdminLog::TraceConnectionRecord:SIPAdminLog.cpp(160))
$$begin_record
LogType: connection
Text: Failed to complete outbound connection
Peer-IP: 192.168.3.10:5061
Peer-FQDN: fepool01.contoso.com
Connection-ID: 0x2E6603
Transport: TLS
Result-Code: 0x8007274c WSAETIMEDOUT
Data: fqdn=" fepool01.contoso.com ";peer-type="InternalServer";winsock-code="10060"
$$end_record
"""
DIAGNOSTIC = """TL_ERROR(TF_DIAG) [0]05E0.0AAC::01/08/2013-09:19:18.612.02e7707a (SIPStack,SIPAdminLog::TraceDiagRecord:SIPAdminLog.cpp(143))$$begin_record
LogType: diagnostic
Severity: error
Text: Message was not sent because the connection was closed
SIP-Start-Line: REGISTER sip:contoso.com SIP/2.0
SIP-Call-ID: 20d82282a7d94f4fb66a0a6df0c0377f
SIP-CSeq: 1 REGISTER
Peer: fepool1.contoso.com:5061
"""
TIMEOUT = """TL_INFO(TF_PROTOCOL) [0]05E0.0AAC::01/08/2013-09:19:18.613.02e7734c (SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125))$$begin_record
Instance-Id: 000AE0E9
Direction: outgoing;source="local";destination="external edge"
Message-Type: response
Start-Line: SIP/2.0 504 Server time-out
To: <sip:username@contoso.com>;tag=586991893A5520DA53F83BE6C4EBF4F9
ms-user-logon-data: RemoteUser
Via: SIP/2.0/TLS 192.168.2.98:62973;received=10.1.1.1;ms-received-port=62973;ms-received-cid=2E6400
Server: RTC/4.0
"""
LOG = (
    "=> Looking at the same activity from Edge server SIPStack log:\n"
    f"{REGISTER}{DIAGNOSTIC}and the response back to client:\n{TIMEOUT}2) Communication between the Edge and Frontend servers:\n"
    f"- Also the Edge server SIPSTack ETL trace confirms that behavior:\n{CONNECTION}- Also a telnet test confirms the same behavior:\nEdge:\n"
    r"C:\Users\Administrator>telnet 192.168.3.10 5061" + "\n"
)

EXPECT: dict[str, Any] = {
    "rules": ("path-forged-reset", "tcp-syn-unanswered", "sip-server-timeout"),
    "wait_s": 21.013,
    "lines": {"request": 8, "diagnostic": 24, "response": 34, "connection": 49},
    "frames": {"client": (4333, 4506), "edge": lync.EDGE_NUMBERS},
}


def build(folder: Path) -> dict[str, Path]:
    """Write the captures of the case and `edge-sipstack.log`; the log is no capture."""
    (folder / "edge-sipstack.log").write_text(LOG, encoding="utf-16")
    return lync.write_case(folder)
