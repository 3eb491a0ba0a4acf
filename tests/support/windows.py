"""What Windows prints on a small DirectAccess site, as an administrator would save it to files."""

from __future__ import annotations

IPCONFIG_SERVER = """
Windows IP Configuration

   Host Name . . . . . . . . . . . . : EDGE1
   Primary Dns Suffix  . . . . . . . : corp.example
   IP Routing Enabled. . . . . . . . : No

Ethernet adapter Corpnet:

   Connection-specific DNS Suffix  . : corp.example
   Physical Address. . . . . . . . . : 00-15-5D-00-01-02
   DHCP Enabled. . . . . . . . . . . : No
   IPv6 Address. . . . . . . . . . . : 2002:836b:2:3333::1(Preferred)
   Link-local IPv6 Address . . . . . : fe80::1%12(Preferred)
   IPv4 Address. . . . . . . . . . . : 10.0.0.2(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   Default Gateway . . . . . . . . . :
   DHCPv6 IAID . . . . . . . . . . . : 268440925
   DNS Servers . . . . . . . . . . . : 2002:836b:2:3333::1
                                       10.0.0.1

Ethernet adapter Internet:

   IPv4 Address. . . . . . . . . . . : 131.107.0.2(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   IPv4 Address. . . . . . . . . . . : 131.107.0.3(Preferred)
   Default Gateway . . . . . . . . . : 131.107.0.1

Tunnel adapter IPHTTPSInterface:

   IPv6 Address. . . . . . . . . . . : 2002:836b:2:1000::1(Preferred)

Tunnel adapter isatap.{23A1-44}:

   IPv6 Address. . . . . . . . . . . : 2002:836b:2:1:0:5efe:10.0.0.2(Preferred)
"""

DA_SERVER = """
PS C:\\> Get-DAServer

DAInstallType              : FullInstall
InternetInterface          : Internet
InternalInterface          : Corpnet
ConnectToAddress           : edge1.example.com
InternalIPv6Prefix         : {2002:836b:2:3333::/64, 2002:836b:2:1::/64}
ClientIPv6Prefix           : 2002:836b:2:1000::/64
TeredoState                : Enabled
"""

ROUTE_PRINT = """
===========================================================================
Interface List
 12...00 15 5d 00 01 02 ......Intel(R) PRO/1000
  1...........................Software Loopback Interface 1
===========================================================================

IPv6 Route Table
===========================================================================
Active Routes:
 If Metric Network Destination      Gateway
  1    306 ::1/128                  On-link
 12    266 2002:836b:2:3333::/64    On-link
 12    266 2002:836b:2:9999::/64    2002:836b:2:3333::31
 14    306 fd9c:30c:2da4:1111:2222::/80
                                    fd9c:30c:2da4:111::31
===========================================================================
Persistent Routes:
 If Metric Network Destination      Gateway
  0    200 2002:836b:2:9999::/64    2002:836b:2:3333::31
===========================================================================
"""

NETSH = """
Idx     Met         MTU          State                Name
---  ----------  ----------  ------------  ---------------------------
  1          50  4294967295  connected     Loopback Pseudo-Interface 1
 12           5        1500  connected     Corpnet
 14          50        1280  connected     isatap.{23A1-44}

Publish  Type      Met  Prefix                    Idx  Gateway/Interface Name
-------  --------  ---  ------------------------  ---  ------------------------
Yes      Manual    256  2002:836b:2:1000::/64      21  IPHTTPSInterface
No       System    256  fe80::/64                  12  Corpnet

Interface Corpnet Parameters
----------------------------------------------
IfLuid                             : ethernet_5
State                              : connected
Forwarding                         : enabled
Advertising                        : disabled

Interface 12: Corpnet

Addr Type  DAD State   Valid Life Pref. Life Address
---------  ----------- ---------- ---------- ------------------------
Manual     Preferred     infinite   infinite 2002:836b:2:3333::1
Other      Preferred     infinite   infinite fe80::1%12

Router Name                         : da-isatap.corp.example
Use Relay                           : default
"""

HTTPSTUNNEL = """
Interface IPHTTPSInterface (Group Policy)  Parameters
------------------------------------------------------------
Role                       : server
URL                        : https://edge1.example.com:443/IPHTTPS
Last Error Code            : 0x0
Interface Status           : IPHTTPS interface active
"""

IPCONFIG_GERMAN = """
Windows-IP-Konfiguration

   Hostname  . . . . . . . . . . . . : JUMP1

Ethernet-Adapter Ethernet 2:

   IPv6-Adresse. . . . . . . . . . . : 2002:836b:2:3333::10(Bevorzugt)
   IPv4-Adresse  . . . . . . . . . . : 10.0.0.50(Bevorzugt)
   Subnetzmaske  . . . . . . . . . . : 255.255.255.0
   Standardgateway . . . . . . . . . : 10.0.0.1
                                       2002:836b:2:3333::1
   DNS-Server  . . . . . . . . . . . : 10.0.0.1
"""

IPCONFIG_RUSSIAN = """
Адаптер Ethernet Локальная сеть:

   IPv6-адрес. . . . . . . . . . . . : 2002:836b:2:3333::11
   IPv4-адрес. . . . . . . . . . . . : 10.0.0.51
   Маска подсети . . . . . . . . . . : 255.255.255.0
"""

OUTPUTS = {
    "edge1-ipconfig.txt": IPCONFIG_SERVER,
    "edge1-get-daserver.txt": DA_SERVER,
    "edge1-route-print.txt": ROUTE_PRINT,
    "edge1-netsh.txt": NETSH,
    "jump1.txt": IPCONFIG_GERMAN,
}
