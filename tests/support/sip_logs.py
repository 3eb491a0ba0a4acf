"""Cases with SIP logs beside their captures.

Takes a case and the text of a log; gives the case with what was read of it.
"""

from __future__ import annotations

import re

from wireproof.case import Case
from wireproof.logs import read_logs


def with_log(case: Case, text: str, file: str = "edge.log") -> Case:
    """The case with the logs in a text."""
    case.logs += read_logs(text.encode(), file)
    return case


def moved(text: str, hours: int) -> str:
    """The text of a server's log as it would be in another time zone of the same day."""
    return re.sub(r"(?<=-)(\d\d)(?=:\d\d:\d\d\.\d{3}\.)", lambda found: f"{int(found[1]) + hours:02}", text)
