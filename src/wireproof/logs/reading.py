"""Which logs and outputs a text holds: every reader looks whose sign stands in it, and takes what it understands.

Takes bytes; gives logs. A reader is loaded only when its sign is there, so that none of them costs anything where nobody has logs.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from wireproof.logs.text import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.logs.log import Log
    from wireproof.logs.text import LogText


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader: `sign` is found in every text that it understands something of; `module` has a function `find(text) -> Log | None`."""

    module: str
    sign: re.Pattern[str]


EVTX = b"ElfFile\0"
"""How event log files of Windows begin."""

READERS: tuple[Reader, ...] = (
    Reader(
        "advfirewall",
        re.compile(r"\b(?:Block|Allow)Inbound(?:Always)?[ \t]?,|\b(?:Firewall|ConSec)Rule(?:Rule)?Category\b"),
    ),
    Reader(
        "arp_table",
        re.compile(
            r"-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}\b|\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\b|ncomplete\b|NCOMPLETE\b|\) at "
            r"|[ ]dev [\w.@-]{1,40} "
        ),
    ),
    Reader("certutil", re.compile(r"(?<!=)={6,80} [^=\n]{2,60} \d{1,5} ={6,80}")),
    Reader(
        "event_lines",
        re.compile(
            r"(?:Error|Warning|Information|Critical|Verbose|Fehler|Warnung|Informationen|Kritisch|Erreur|Avertissement|Critique|Errore|Avviso|"
            r"Informazioni|Erro|Aviso|Advertencia|Información|Informações|Ошибка|Предупреждение|Сведения)[ \t]+\d{1,4}[-/.]\d{1,2}[-/.]\d"
            r"|:\d\d(?: [AaPp][Mm])?[ \t]+\d{1,5}[ \t]+(?:Error|Warning|Information|Critical|Fehler|Warnung|Informationen|Erreur)\b"
            r"|(?:Log Name|Protokollname|Nom du journal|Nome registro|Nombre de registro|Nome do Log|Имя журнала)[ \t]*:"
        ),
    ),
    Reader("event_log", re.compile(r"<(?:\w{1,16}:)?Event(?:\s[^<>]{0,200})?>\s{0,40}<(?:\w{1,16}:)?System\b")),
    Reader("gpresult", re.compile(r"\n[ \t]{2,16}-{10}")),
    Reader("httpstunnel", re.compile(r"(?i)last[ \t]{0,4}error[ \t]{0,4}code|https?://[^\s/]{1,260}/IPHTTPS\b")),
    Reader(
        "ip_state",
        re.compile(
            r"IPv[46][^:\n]{0,40}\. ?:|IP Address[. ]{1,40}:|[ \t]255\.\d{1,3}\.\d|[ \t]0\.0\.0\.0[ \t]|4294967295|:[0-9A-Fa-f:]{0,40}/\d{1,3}\s"
        ),
    ),
    Reader("kernel_csv", re.compile(r"\b(?:Tcp|Udp)Ip(?:V6|IPV6)?,\s{0,20}[A-Za-z]")),
    Reader("lync_files", re.compile(r"(?<![\d.])(?:4\.0\.7577|5\.0\.8308|15\.0\.4\d{3})\.\d")),
    Reader(
        "netstat",
        re.compile(
            r"\b(?:TCP|UDP)(?:v6)?[ \t]+\S{1,60}:\d{1,5}[ \t]+\S{1,260}:(?:\d{1,5}|\*)(?!\S)|(?i:\bnetstat(?:\.exe)?\s[^\n|]{0,60}\|)"
        ),
    ),
    Reader(
        "pfirewall",
        re.compile(
            r"(?m)^\d{4}-\d\d-\d\d[ \t]+\d\d:\d\d:\d\d[ \t]+(?:DROP|ALLOW|OPEN|CLOSE|OPEN-INBOUND|INFO-EVENTS-LOST)[ \t]"
        ),
    ),
    Reader(
        "sip_log",
        re.compile(
            r"TL_[A-Z]{2,12}\([A-Z0-9_]{2,32}\) ?\[|\d{4}\|\d\d:\d\d:\d\d\.\d{3} [0-9A-Fa-f]{2,8}:[0-9A-Fa-f]{2,8} [A-Z]"
        ),
    ),
    Reader("sslcert", re.compile(r"[:\uff1a][ \t]{0,4}\{[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-")),
    Reader(
        "tasklist",
        re.compile(
            r"(?m)^=+ =+ =+|^\"[^\"\n]{1,260}\",\"\d{1,7}\",\"|[Tt]asklist\b|TASKLIST\b"
            r"|\d[ \u00a0\u202f]?K(?:o?\s|\w[\w.]{0,40}\.(?:exe|EXE)\b|o?$)"
        ),
    ),
    Reader(
        "tcpip_trace",
        re.compile(
            r"TCPIP_MicrosoftWindowsTCPIP:|WindowsWinsockAFD:|\[Microsoft-Windows-(?:TCPIP|Winsock-AFD|PktMon)\]"
        ),
    ),
    Reader(
        "windbg",
        re.compile(
            r"_TOKEN[ \t]+[0-9A-Fa-f`]{6,18}|\bUser:[ \t]*S-1-\d|->Revision[ \t]*:|D:[A-Z]{0,8}\([A-Z]{1,3};[A-Z]{0,16};[0-9A-Za-z]{0,40};;;"
        ),
    ),
)
"""Readers of text, in the order in which their logs are told."""


def read_logs(data: bytes, file: str) -> list[Log]:
    """Every log and output in the bytes of one file; none for what is no text or nothing that is understood."""
    if data.startswith(EVTX):
        from wireproof.logs.event_log_binary import read_evtx

        return [read_evtx(data, file)]
    text = read_text(data, file)
    if text is None:
        return []
    found = (_finder(reader)(text) for reader in READERS if reader.sign.search(text.whole))
    logs = [log for log in found if log is not None]
    for log in logs:
        log.lines = text.lines
    return logs


def _finder(reader: Reader) -> Callable[[LogText], Log | None]:
    module = importlib.import_module(f"wireproof.logs.{reader.module}")
    return cast("Callable[[LogText], Log | None]", module.find)
