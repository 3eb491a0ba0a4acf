"""Port numbers of the names that a listing prints in place of them.

Takes a name as Wireshark, Network Monitor or tcpdump prints it; gives the number. Names and numbers are those of IANA's registry.
"""

from __future__ import annotations

import re
import socket
import zlib

REGISTERED = {
    "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80,
    "kerberos": 88, "pop3": 110, "ntp": 123, "epmap": 135, "msrpc": 135, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139,
    "imap": 143, "snmp": 161, "snmptrap": 162, "bgp": 179, "ldap": 389, "https": 443, "microsoft-ds": 445, "kpasswd": 464,
    "isakmp": 500, "syslog": 514, "ldaps": 636, "imaps": 993, "pop3s": 995, "rmiactivation": 1098, "rmiregistry": 1099,
    "ms-sql-s": 1433, "ms-sql-m": 1434, "ms-streaming": 1755, "radius": 1812, "ssdp": 1900, "ms-olap4": 2383, "msft-gc": 3268,
    "msft-gc-ssl": 3269, "mysql": 3306, "ms-wbt-server": 3389, "rdp": 3389, "stun": 3478, "teredo": 3544, "ipsec-nat-t": 4500,
    "ipsec-msft": 4500, "sip": 5060, "sips": 5061, "sip-tls": 5061, "mdns": 5353, "llmnr": 5355, "wsdapi": 5357, "wsdapi-s": 5358,
    "winrm": 5985, "wsman": 5985, "wsmans": 5986, "http-alt": 8080, "webcache": 8080, "us-cli": 8082, "nbss": 139, "dns": 53,
}  # fmt: skip
"""Names that listings of Windows systems print often; others are asked of the system's own table."""
_NUMBER = re.compile(r"\((\d{1,5})\)$|^(\d{1,5})$|\(0x[0-9A-Fa-f]{1,4}\)$")


def port_number(name: str) -> int | None:
    """The port that a name or number stands for; None for a name that nobody has registered."""
    name = name.strip()
    found = _NUMBER.search(name)
    if found and (found[1] or found[2]):
        number = int(found[1] or found[2])
        return number if number < 65_536 else None
    known = REGISTERED.get(name.lower())
    if known is not None:
        return known
    try:
        return socket.getservbyname(name.lower())
    except (OSError, UnicodeError, ValueError):
        return None


def stand_in_port(*words: str) -> int:
    """A port of the dynamic range for a connection whose own the listing does not give; the same words give the same one."""
    return 49_152 + zlib.crc32("\0".join(words).encode("utf-8", "replace")) % 16_384
