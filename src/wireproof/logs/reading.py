"""Which logs and outputs a text holds: every reader looks whose sign stands in it, and takes what it understands.

Takes bytes; gives logs. A reader is loaded only when its sign is there, so that none of them costs anything where nobody has logs.
"""

from __future__ import annotations

import functools
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
    """One reader: at least one of its signs is in every text that it understands something of; `module` has `find(text) -> Log | None`.

    Each expression of `signs` begins with letters that it must have, so that `re` looks for these alone: a hundred times faster than what
    begins with a class or with a choice. A sign of a line's beginning starts with the line end before it. `lowered` are for the text in
    lower case, `shapes` for its shape (`LogText.shape`).
    """

    module: str
    signs: tuple[str, ...] = ()
    lowered: tuple[str, ...] = ()
    shapes: tuple[bytes, ...] = ()

    def may_find(self, text: LogText) -> bool:
        """Whether a sign of it is in a text."""
        return (
            bool(self.shapes and text.has_shape(*self.shapes))
            or any(_has(sign, text.whole) for sign in self.signs)
            or bool(self.lowered and any(_has(sign, part.lower()) for part in text.parts() for sign in self.lowered))
        )


@functools.cache
def _compiled(sign: str) -> re.Pattern[str]:
    # Not at import: most runs have no logs. Not by `re` itself, which forgets the oldest of many.
    return re.compile(sign)


def _has(sign: str, text: str) -> bool:
    if text.isascii() and not sign.isascii():
        return False
    pattern = _compiled(sign)
    return bool(pattern.search(text)) or (sign.startswith(r"\n") and bool(pattern.match("\n" + text[:OPENING])))


OPENING = 1024
"""Characters of a text in which its first line is looked at."""
LEVELS = (
    "Erro(?:re|r)?", "Warn(?:ing|ung)", r"Informa(?:tion|tionen|zioni|ce|ci\xf3n|\xe7\xf5es)", "Criti(?:cal|que)", "Kritisch", "Erreur",
    "Avertissement", "Avviso", "Aviso", "Advertencia", "Verbose", "Fehler", "Chyba", "Upozornění", "Kritická", "Ошибка", "Предупреждение",
    "Сведения", "エラー", "警告", "情報", "重大", "错误", "信息",
)  # fmt: skip
"""Levels of events, in the languages of event logs."""
AUDITS = (
    "Audit (?:Success|Failure)",
    "Überwachung (?:erfolgreich|gescheitert)",
    "Succès de l.audit",
    "Échec de l.audit",
)
BEHIND_COLON = "|".join(rf"(?<=[:\uff1a][ \t]{{{blanks}}}\{{)" for blanks in range(5))
EVTX = b"ElfFile\0"
"""How event log files of Windows begin."""

READERS: tuple[Reader, ...] = (
    Reader("advfirewall", (r"Inbound(?:Always)?[ \t]?,[ \t]?(?:Block|Allow)Outbound\b", r"RuleCategory[ \t]")),
    Reader(
        "arp_table",
        (r"ncomplete\b", r"NCOMPLETE\b", r"\) at [0-9A-Fa-f<(i]", r" dev [\w.@-]{1,40} "),
        shapes=(b"00-00-00-00-00-00", b" 0000.0000.0000"),
    ),
    Reader("certutil", (r"====== [^=\n]{2,60} \d{1,5} ======",)),
    Reader(
        "event_lines",
        (
            *(rf'{level}"?[ \t,;]+"?\d{{1,4}}[-/.] ?\d{{1,2}}[-/.] ?\d' for level in (*LEVELS, *AUDITS)),
            r":\d\d(?: [AaPp][Mm])?[ \t]+\d{1,5}[ \t]+(?:Error|Warning|Information|Critical|Fehler|Warnung|Informationen|Erreur)\b",
            r"Log Name[ \t]*:",
            r"Protokollname[ \t]*:",
            r"Nom(?: du journal|e registro|bre de registro|e do Log)[ \t]*:",
            r"Имя журнала[ \t]*:",
            r"Název protokolu[ \t]*:",
            r"ログの名前[ \t]*:",
            r"日志名称[ \t]*:",
        ),
    ),
    Reader("event_log", (r"<(?:\w{1,16}:)?Event(?:\s[^<>]{0,200})?>\s{0,40}<(?:\w{1,16}:)?System\b",)),
    Reader("gpresult", (r"\n[ \t]{2,16}-{10}",)),
    Reader("httpstunnel", lowered=(r"last[ \t]{0,4}error[ \t]{0,4}code", r"/iphttps\b")),
    Reader(
        "ip_state",
        (
            r"IPv[46][^:\n]{0,40}\. ?:",
            r"IP Address[. ]{1,40}:",
            r"255(?<=[ \t]255)\.\d{1,3}\.\d",
            r"0\.0\.0\.0(?<=[ \t]0\.0\.0\.0)[ \t]",
            r"4294967295",
            r":[0-9A-Fa-f:]{0,40}/\d{1,3}\s",
        ),
    ),
    Reader(
        "kernel_csv",
        (r"TcpIp(?:V6|IPV6)?,\s{0,20}[A-Za-z]", r"UdpIp(?:V6|IPV6)?,\s{0,20}[A-Za-z]"),
    ),
    Reader("lync_files", (r"4\.0\.7577\.\d", r"5\.0\.8308\.\d", r"15\.0\.4\d{3}\.\d")),
    Reader(
        "netstat",
        tuple(
            rf"{protocol}(?:v6)?[ \t]+\S{{1,60}}:\d{{1,5}}[ \t]+\S{{1,260}}:(?:\d{{1,5}}|\*)(?!\S)"
            for protocol in ("TCP", "UDP")
        ),
        lowered=(r"netstat(?:\.exe)?\s[^\n|]{0,60}\|",),
    ),
    Reader(
        "pfirewall",
        (r"\n\d{4}-\d\d-\d\d[ \t]+\d\d:\d\d:\d\d[ \t]+(?:DROP|ALLOW|OPEN|CLOSE|OPEN-INBOUND|INFO-EVENTS-LOST)[ \t]",),
    ),
    Reader(
        "sip_log",
        (r"TL_[A-Z]{2,12}\([A-Z0-9_]{2,32}\) ?\[", r"\|\d\d:\d\d:\d\d\.\d{3} [0-9A-Fa-f]{2,8}:[0-9A-Fa-f]{2,8} [A-Z]"),
    ),
    Reader("sslcert", (rf"\{{(?:{BEHIND_COLON})[0-9A-Fa-f]{{8}}-[0-9A-Fa-f]{{4}}-",)),
    Reader("systeminfo", (r"\[01\]:[ \t]",)),
    Reader(
        "tasklist",
        (
            r"\n=+ =+ =+",
            r'\n"[^"\n]{1,260}","\d{1,7}","',
            r"K(?:(?<=\dK)|(?<=\d[ \u00a0\u202f]K))(?:o?\s|\w[\w.]{0,40}\.(?:exe|EXE)\b|o?\Z)",
            r"kB(?:(?<=\dkB)|(?<=\d[ \u00a0\u202f]kB))(?:\s|\Z)",
            r"КБ(?:(?<=\dКБ)|(?<=\d[ \u00a0\u202f]КБ))(?:\s|\Z)",
        ),
        lowered=(r"tasklist\b",),
    ),
    Reader(
        "tcpip_trace",
        (r"TCPIP_MicrosoftWindowsTCPIP:", r"WindowsWinsockAFD:", r"\[Microsoft-Windows-(?:TCPIP|Winsock-AFD|PktMon)\]"),
    ),
    Reader("time_zone", (r"TIME_ZONE_ID_[A-Z]", r"Time zone: \w")),
    Reader(
        "windbg",
        (
            r"_TOKEN[ \t]+[0-9A-Fa-f`]{6,18}",
            r"User:[ \t]*S-1-\d",
            r"->Revision[ \t]*:",
            r"D:[A-Z]{0,8}\([A-Z]{1,3};[A-Z]{0,16};[0-9A-Za-z]{0,40};;;",
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
    return [] if text is None else find_logs(text)


def find_logs(text: LogText) -> list[Log]:
    """Every log and output in a text."""
    logs = [log for reader in readers_for(text) if (log := _finder(reader)(text)) is not None]
    for log in logs:
        log.lines = text.lines
    return logs


def readers_for(text: LogText) -> list[Reader]:
    """The readers that may understand something of a text."""
    return [reader for reader in READERS if reader.may_find(text)]


def _finder(reader: Reader) -> Callable[[LogText], Log | None]:
    module = importlib.import_module(f"wireproof.logs.{reader.module}")
    return cast("Callable[[LogText], Log | None]", module.find)
