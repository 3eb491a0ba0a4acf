"""Name and addresses of a host, as `systeminfo` prints them in any language.

Takes a text; gives the host. Rows are told by their place: the name stands first, the name of the Windows edition behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.endpoint_text import is_local_only, read_address
from wireproof.logs.log import Log
from wireproof.logs.text import LogText

HEAD = re.compile(
    r"^[^\W\d][^:\n]{2,40}:[ \t]{1,60}(?P<host>[\w-]{1,63})[ \t]*\r?\n[^\W\d][^:\n]{2,40}:[ \t]{1,60}[^\n]{0,80}\bWindows\b",
    re.MULTILINE,
)
ADDRESS = re.compile(r"^[ \t]{2,90}\[\d\d\]:[ \t]{1,20}(?P<address>[0-9A-Fa-f:.]{3,45})[ \t]*\r?$", re.MULTILINE)
LONGEST = 60_000
"""Characters of one output, with hundreds of hotfixes."""


@dataclass(slots=True, kw_only=True)
class SystemInfoLog(Log):
    """The host of one text. `line` is where its name stands."""

    title: ClassVar[str] = "systeminfo"

    host: str = ""
    line: int = 0
    own: set[str] = field(default_factory=set)

    def addresses(self) -> set[str]:
        """The host's own addresses that tell it from others."""
        return self.own


def find(text: LogText) -> SystemInfoLog | None:
    """The one host of a text; None for none, and where several outputs stand in it."""
    heads = list(HEAD.finditer(text.whole))
    if len(heads) != 1:
        return None
    begin = heads[0].start()
    found = ADDRESS.finditer(text.whole, heads[0].end(), begin + LONGEST)
    addresses = {address for match in found if (address := read_address(match["address"]))}
    own = {address for address in addresses if not is_local_only(address)}
    log = SystemInfoLog(file=text.file, host=heads[0]["host"], line=text.line_at(begin), own=own)
    return log if own else None
