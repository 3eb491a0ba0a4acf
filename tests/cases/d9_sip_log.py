"""Lync desktop sharing that fails between two companies: the client's UCCAPI log, as the article prints it, and the Edge server's capture.

The article's listing of the log lacks some lines of the answer: Call-ID, CSeq, and those of the description that stand in the offer too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples.files import write_capture
from tests.cases import d9_desktop_sharing as clear

LOG = """=> Application sharing request sent by the internal client:
12/10/2012|10:43:06.703 24F8:2648 INFO :: Sending Packet - 10.10.10.1:5061 (From Local Address: 10.98.2.1:51647) 2520 bytes:
12/10/2012|10:43:06.703 24F8:2648 INFO :: INVITE sip:user2@fabrikam.com SIP/2.0
Via: SIP/2.0/TLS 10.98.2.1:51647
From: <sip:user1@contoso.com>;tag=2cd64ff7dc;epid=6750f01948
To: <sip:user2@fabrikam.com>
Call-ID: a622d7b9f6464be3a455e6d98ec700b3
CSeq: 1 INVITE
Contact: <sip:user1@contoso.com;opaque=user:epid:lxH-F4F2KFaOdejdehenrlAAA;gruu>
Supported: ms-dialog-route-set-update
Supported: timer
Ms-Conversation-ID: Ac3Wuri73DV0XRhGRBSO/PHZU2QhhQ==
Allow: INVITE, BYE, ACK, CANCEL, INFO, UPDATE, REFER, NOTIFY, BENOTIFY, OPTIONS
ms-subnet: 10.98.22.0
ms-endpoint-location-data: NetworkScope;ms-media-location-type=Intranet
v=0
o=- 0 0 IN IP4 2.2.2.2
s=session
c=IN IP4 2.2.2.2
b=CT:99980
t=0 0
m=applicationsharing 58138 TCP/RTP/AVP 127
a=ice-ufrag:PFb1
a=candidate:1 1 TCP-PASS 2120613887 10.98.2.1 21916 typ host
a=candidate:1 2 TCP-PASS 2120613374 10.98.2.1 21916 typ host
a=candidate:2 1 TCP-ACT 2121006591 10.98.2.1 18574 typ host
a=candidate:2 2 TCP-ACT 2121006078 10.98.2.1 18574 typ host
a=candidate:3 1 TCP-PASS 6556159 2.2.2.2 58138 typ relay raddr 10.98.2.1 rport 13211
a=candidate:3 2 TCP-PASS 6556158 2.2.2.2 58138 typ relay raddr 10.98.2.1 rport 13211
=> Final response:
12/10/2012|10:43:10.418 24F8:2648 INFO :: Data Received - 10.10.10.1:5061 (To Local Address: 10.98.2.1:51647) 4311 bytes:
12/10/2012|10:43:10.418 24F8:2648 INFO :: SIP/2.0 200 OK
Via: SIP/2.0/TLS 10.98.2.1:51647;ms-received-port=51647;ms-received-cid=657300
From: "user1 @ contoso.com"<sip:user1@contoso.com>;tag=2cd64ff7dc;epid=6750f01948
To: <sip:user2@fabrikam.com>;epid=c23c88d032;tag=fef0c3e438
Contact: <sip:user2@fabrikam.com;opaque=user:epid:wyPrDAU4lVq4GhmnrWqEFgAA;gruu>
Session-Expires: 720;refresher=uac
ms-client-diagnostics: 51007;reason="Callee media connectivity diagnosis info";CalleeMediaDebug="application-sharing:ICEWarn=0x0"
ms-endpoint-location-data: NetworkScope;ms-media-location-type=Internet
o=- 0 0 IN IP4 1.1.1.1
c=IN IP4 1.1.1.1
m=applicationsharing 50704 TCP/RTP/SAVP 127
a=ice-ufrag:G/Yw
a=ice-pwd:EwhnzgwKgaoRuI2T2gKRRqYz
a=candidate:1 1 TCP-PASS 2120613887 10.26.10.50 50058 typ host
a=candidate:1 2 TCP-PASS 2120613374 10.26.10.50 50058 typ host
So we expect the media session to flow between 1.1.1.1:50704 <---> 2.2.2.2:58138
"""

EXPECT: dict[str, Any] = {
    "rules": ("ice-media-blocked", "tcp-connection-refused"),
    "evidence": clear.EXPECT["evidence"],
    "lines": (3, 32),
    "agreed": clear.EXPECT["agreed"],
    "tries": 3,
}


def build(folder: Path) -> dict[str, Path]:
    """Write `edge.pcapng`, and `uccapi.log`, which is no capture."""
    (folder / "uccapi.log").write_text(LOG, encoding="utf-8")
    return {"edge": write_capture(folder / "edge.pcapng", clear.edge_frames())}
