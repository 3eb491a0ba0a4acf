"""The plain text of a file that may hold listings: encodings of Windows and UNIX, mail quoting, HTML, CSV, quoted-printable.

Takes bytes; gives one text whose lines are those of the listing. Knows no record.
"""

from __future__ import annotations

import csv
import html
import quopri
import re

from wireproof.wire.text_encoding import find_encoding, is_binary

QUOTED = re.compile(r"^(?:[ \t]{0,3}>)+[ \t]?", re.MULTILINE)
"""What mail puts before each line of a message that is answered (RFC 3676)."""
ENCODED_MAIL = re.compile(r"^Content-Transfer-Encoding:\s*quoted-printable", re.IGNORECASE | re.MULTILINE)
MARKUP = re.compile(r"<(?:html|body|p|br|pre|div|table|td|span)\b", re.IGNORECASE)
LINE_ENDS = re.compile(r"<(?:br|/p|/tr|/div|/pre|/h[1-6]|/li)\b[^<>]{0,300}>", re.IGNORECASE)
TAGS = re.compile(r"</?[a-z!][^<>]{0,1000}>", re.IGNORECASE)
ESCAPED = re.compile(r"&(?:[gl]t|amp|quot|nbsp|#\d{2,5});")
"""Characters as a page's source has them; pasted with its tags or without."""
CSV_LINE = re.compile(r'^"\d{1,9}","[^\n]{1,4000}$', re.MULTILINE)


def decode_text(data: bytes) -> str | None:
    """The text in these bytes as it was written; None where they are none."""
    encoding, at = find_encoding(data)
    try:
        text = data[at:].decode(encoding)
    except UnicodeDecodeError:
        # The other encodings have their letters outside ASCII; no character that a listing needs is lost.
        text = data[at:].decode(encoding if encoding != "utf-8" else "cp1252", "replace")
    return None if is_binary(text) else text


def flatten(text: str) -> str:
    """The text with the line ends of UNIX, and without what a mail, a web page or a table put around its lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if ENCODED_MAIL.search(text):
        text = quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    if MARKUP.search(text):
        text = TAGS.sub("", LINE_ENDS.sub("\n", text.replace("</td>", " </td>")))
    if ESCAPED.search(text):
        text = html.unescape(text)
    text = CSV_LINE.sub(_join_cells, text)
    return QUOTED.sub("", text).replace("\xa0", " ")


def _join_cells(match: re.Match[str]) -> str:
    return "\t".join(next(csv.reader([match[0]]), [match[0]]))
