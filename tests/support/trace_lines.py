"""Lines of TCP/IP and AFD as the Lync and Outlook articles print them, and the four that pktmon and tracefmt print.

Gives texts only. The connection of the Edge is whole; of that of Outlook the lines that name its ends and process.
"""

from __future__ import annotations

TCP = "TCPIP_MicrosoftWindowsTCPIP TCPIP_MicrosoftWindowsTCPIP:TCP:"
AFD = "Wscore_MicrosoftWindowsWinsockAFD Wscore_MicrosoftWindowsWinsockAFD:"
TCB, ENDS = "0x000000000829C860", "(local=192.168.1.1:50357 remote=192.168.3.10:5061)"

EDGE = f"""\
106612 11:18:57 AM 1/8/2013 713.4871675 RTCSrv.exe (1504) {AFD}socket: 0 (0x0): Process 0x0000000007AE3060 (0x00000000000005E0), Endpoint \
0x0000000007A05010, Family 2 (0x2), Type SOCK_STREAM, Protocol 6 (0x6), Seq 1006 (0x3EE), Status Success
106614 11:18:57 AM 1/8/2013 713.4872311 RTCSrv.exe (1504) {TCP} endpoint 0x00000000082D19B0 (Family=IPV4, PID=1504 (0x5E0)) created with status = Success.
106618 11:18:57 AM 1/8/2013 713.5075751 RTCSrv.exe (1504) {TCP} endpoint/connection 0x00000000082D19B0 acquired port number 50357 (0xC4B5).
106619 11:18:57 AM 1/8/2013 713.5075798 RTCSrv.exe (1504) {TCP} endpoint (sockaddr=192.168.1.1:50357) bound.
106620 11:18:57 AM 1/8/2013 713.5075837 RTCSrv.exe (1504) 192.168.1.1 {AFD}bind: 1 (0x1): Process 0x0000000007AE3060, Endpoint 0x0000000007A05010, \
Address 192.168.1.1:50357, Seq 7022 (0x1B6E), Status Success
106622 11:18:57 AM 1/8/2013 713.5076435 RTCSrv.exe (1504) 192.168.3.10 {AFD}connect: 0 (0x0): Process 0x0000000007AE3060, Endpoint 0x0000000007A05010, \
Address 192.168.3.10:5061, Seq 5023 (0x139F), Status Success
106623 11:18:57 AM 1/8/2013 713.5076564 RTCSrv.exe (1504) {TCP} connection {TCB} transition from ClosedState to SynSentState, SndNxt = 0 (0x0).
106625 11:18:57 AM 1/8/2013 713.5076863 RTCSrv.exe (1504) {TCP} Tcb {TCB} {ENDS} requested to connect.
106627 11:18:57 AM 1/8/2013 713.5077296 RTCSrv.exe (1504) {TCP} Tcb {TCB} is going to output SYN with ISN = 2232090326 (0x850AFED6), RcvWnd = 8192 \
(0x2000), RcvWndScale = 0 (0x0).
106628 11:18:57 AM 1/8/2013 713.5077335 RTCSrv.exe (1504) {TCP} connection {TCB} {ENDS} connect proceeding.
106629 11:18:57 AM 1/8/2013 713.5077421 RTCSrv.exe (1504) {TCP} connection {TCB} SRTT measurement started (seq = 2232090326 (0x850AFED6), tick = \
233642658 (0xDED1AA2)).
106979 11:19:00 AM 1/8/2013 716.5110434 Idle (0) {TCP} Connection {TCB} RetransmitTimer timer has expired.
106980 11:19:00 AM 1/8/2013 716.5110467 Idle (0) {TCP} connection {TCB}: Send Retransmit round with SndUna = 2232090326 (0x850AFED6), Round = 1 \
(0x1), SRTT = 0 (0x0), RTO = 300 (0x12C).
106981 11:19:00 AM 1/8/2013 716.5110498 Idle (0) {TCP} connection {TCB} {ENDS} retransmitting connect attempt, RexmitCount = 1 (0x1).
107344 11:19:06 AM 1/8/2013 722.5092043 Idle (0) {TCP} connection {TCB} {ENDS} retransmitting connect attempt, RexmitCount = 2 (0x2).
107781 11:19:18 AM 1/8/2013 734.5061285 Idle (0) {TCP} connection {TCB} {ENDS} terminating: retransmission timeout expired.
107782 11:19:18 AM 1/8/2013 734.5061305 Idle (0) {TCP} connection {TCB} {ENDS} shutdown initiated (0xC00000B5 - STATUS_IO_TIMEOUT). PID = 1504 (0x5E0).
107784 11:19:18 AM 1/8/2013 734.5061433 Idle (0) {TCP} connection {TCB} {ENDS} connect attempt failed with status = 0xC00000B5 - STATUS_IO_TIMEOUT.
107785 11:19:18 AM 1/8/2013 734.5062093 System (4) {TCP} endpoint/connection {TCB} released port number 50357 (0xC4B5). WeakReference = TRUE.
107786 11:19:18 AM 1/8/2013 734.5062386 RTCSrv.exe (1504) {AFD}connect: 1 (0x1): Process 0x0000000007AE3060, Endpoint 0x0000000007A05010, Seq 5024 \
(0x13A0), Status 0xC00000B5 - STATUS_IO_TIMEOUT
107791 11:19:18 AM 1/8/2013 734.5065490 RTCSrv.exe (1504) {AFD}closesocket: 0 (0x0): Process 0x0000000007AE3060, Endpoint 0x0000000007A05010, Seq 2000 \
(0x7D0), Status Success
"""
FRONT_END = f"""\
612967 11:19:10 AM 1/8/2013 730.5007007 Idle (0) 192.168.1.1192.168.3.10 TCP TCP:Flags=...A.R.., SrcPort=50357, DstPort=5061, PayloadLen=0, \
Seq=2232090327, Ack=155953668, Win=8192
612968 11:19:10 AM 1/8/2013 730.5007382 Idle (0) {TCP} connection 0x0000000011D4DCF0 (local=192.168.3.10:5061 remote=192.168.1.1:50357) connection \
terminated: received RST.
612969 11:19:10 AM 1/8/2013 730.5007404 Idle (0) {TCP} connection 0x0000000011D4DCF0 (local=192.168.3.10:5061 remote=192.168.1.1:50357) shutdown \
initiated (0xC000020D - STATUS_CONNECTION_RESET). PID = 2640 (0xA50).
"""
OUTLOOK = f"""\
31512 15:37:26.9647035 OUTLOOK.EXE (5788) {TCP} endpoint/connection 0x00000000042E4CF0 acquired port number 61581 (0xF08D).
31519 15:37:26.9648191 OUTLOOK.EXE (5788) {TCP} Tcb 0x00000000042E0AE0 (local=2001:0:0A0B:86E8:388E:FCB:4337:1876:61581 (0xF08D) \
remote=2002:0A01:86E8:8001:0:0:A0B:0202:135 (0x87)) requested to connect.
31543 15:37:27.0024439 System (4) {TCP} connection 0x00000000042E0AE0 (local=2001:0:0A0B:86E8:388E:FCB:4337:1876:61581 (0xF08D) \
remote=2002:0A01:86E8:8001:0:0:A0B:0202:135 (0x87)) connect completed. PID = 5788 (0x169C).
"""
PRINTED = """\
[30]0000.0000::2025-03-27 16:10:34.934020500 [Microsoft-Windows-PktMon] Drop: PktGroupId 8444249301423149, PktNumber 1, Appearance 0, Direction Rx , \
Type IP , Component 49, Filter 1, DropReason INET: transport endpoint was not found , DropLocation 0xE000460A, OriginalSize 402, LoggedSize 148
\tDrop: ip: 192.168.5.88.50005 > 192.168.5.68.50005: UDP, length 374
[30]0000.0000::2025/03/27-16:12:13.966003800 [Microsoft-Windows-TCPIP]TCPIP: Network layer (Protocol 1(ICMP), AddressFamily = 2(IPV4)) dropped 1 \
packet(s) on interface 13. SourceAddress = 192.168.5.68. DestAddress = 192.168.5.88. Reason = 9(Inspection drop). Direction = 0(Send). NBL = \
0xFFFFE189BEAF3AC0.
[31]0000.0000::2025/03/27-16:12:19.937105000 [Microsoft-Windows-TCPIP]TCP: Connection 0xFFFFE189BD811AA0 0(RetransmitTimer) timer has expired.
[0]05E0.0604::2013/01/08-11:18:57.507686300 [Microsoft-Windows-TCPIP]TCP: Tcb 0x829C860 (local=192.168.1.1:50357 remote=192.168.3.10:5061) requested \
to connect.
"""
ATTACK = f"""\
4101 9:14:02 AM 1/13/2014 63.1200417 Idle (0) {TCP} entering SYN attack resistance mode, Syn Attacks Detected = 1 (0x1).
9870 9:16:40 AM 1/13/2014 221.4410020 Idle (0) {TCP} leaving SYN attack resistance mode, Syn Attacks Detected = 1 (0x1).
"""
