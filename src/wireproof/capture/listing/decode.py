"""The plain text of a file that may hold listings: encodings of Windows and UNIX, mail quoting, HTML, CSV, quoted-printable.

Takes bytes; gives one text whose lines are those of the listing. Knows no record.
"""

from __future__ import annotations

import csv
import html
import quopri
import re

from wireproof.wire.text_encoding import decode

QUOTED = re.compile(r"^(?:[ \t]{0,3}>)+[ \t]?", re.MULTILINE)
"""What mail puts before each line of a message that is answered (RFC 3676)."""
ENCODED_MAIL = re.compile(r"^Content-Transfer-Encoding:\s*quoted-printable", re.IGNORECASE | re.MULTILINE)
MARKUP = re.compile(r"<(?:html|body|p|br|pre|div|table|td|span)\b", re.IGNORECASE)
LINE_ENDS = re.compile(r"<(?:br|/p|/tr|/div|/pre|/h[1-6]|/li)\b[^<>]{0,300}>", re.IGNORECASE)
TAGS = re.compile(r"</?[a-z!][^<>]{0,1000}>", re.IGNORECASE)
ESCAPED = re.compile(r"&(?:[gl]t|amp|quot|nbsp|#\d{2,5});")
"""Characters as a page's source has them; pasted with its tags or without."""
CSV_HEADING = re.compile(
    r'^"?[\w #.()-]{1,40}"?(?P<mark>[,;])(?=[^\n]{0,400}(?:Source|Src|\.src)[^\n]{0,400}$)[^\n]{0,400}(?:Info|Description)[^\n]{0,200}$',
    re.IGNORECASE | re.MULTILINE,
)
"""The line above a table as spreadsheets and `tshark -E separator=,` write it, with quotes or without."""
CSV_LINE = re.compile(r'^"\d{1,9}","[^\n]{1,4000}$', re.MULTILINE)

LONGEST_ROW = 10_000


def decode_text(data: bytes) -> str | None:
    """The text in these bytes as it was written; None where they are none."""
    decoded = decode(data)
    return decoded[0] if decoded else None


def flatten(text: str) -> str:
    """The text with the line ends of UNIX, and without what a mail, a web page or a table put around its lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if ENCODED_MAIL.search(text):
        text = quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    if MARKUP.search(text):
        text = TAGS.sub("", LINE_ENDS.sub("\n", text.replace("</td>", " </td>")))
    if ESCAPED.search(text):
        text = html.unescape(text)
    text = QUOTED.sub("", text).replace("\xa0", " ")
    text = _join_table(text)
    return CSV_LINE.sub(_join_cells, text)


def _join_table(text: str) -> str:
    """The text with the lines beneath a heading of comma- or semicolon-separated values parted by tabs; a last cell may hold the mark itself."""
    heading = CSV_HEADING.search(text)
    if heading is None:
        return text
    mark, count = heading["mark"], heading[0].count(heading["mark"])
    lines = text[heading.start() :].split("\n")
    for place, line in enumerate(lines):
        if len(line) < LONGEST_ROW and line.count(mark) >= count:
            cells = next(csv.reader([line], delimiter=mark), [])
            lines[place] = "\t".join([*cells[:count], mark.join(cells[count:])])
    return text[: heading.start()] + "\n".join(lines)


def _join_cells(match: re.Match[str]) -> str:
    return "\t".join(next(csv.reader([match[0]]), [match[0]]))
