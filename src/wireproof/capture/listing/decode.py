"""The plain text of a file that may hold listings: encodings of Windows and UNIX, mail quoting, HTML, CSV, quoted-printable.

Takes bytes; gives one text whose lines are those of the listing. Knows no record.
"""

from __future__ import annotations

import codecs
import csv
import html
import quopri
import re

SAMPLE = 4096
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

QUOTED = re.compile(r"^(?:[ \t]{0,3}>)+[ \t]?", re.MULTILINE)
"""What mail puts before each line of a message that is answered (RFC 3676)."""
ENCODED_MAIL = re.compile(r"^Content-Transfer-Encoding:\s*quoted-printable", re.IGNORECASE | re.MULTILINE)
MARKUP = re.compile(r"<(?:html|body|p|br|pre|div|table|td|span)\b", re.IGNORECASE)
LINE_ENDS = re.compile(r"<(?:br|/p|/tr|/div|/pre|/h[1-6]|/li)\b[^<>]{0,300}>", re.IGNORECASE)
TAGS = re.compile(r"</?[a-z!][^<>]{0,1000}>", re.IGNORECASE)
CSV_LINE = re.compile(r'^"\d{1,9}","[^\n]{1,4000}$', re.MULTILINE)


def decode_text(data: bytes) -> str | None:
    """The text in these bytes as it was written; None where they are none."""
    encoding, at = _encoding(data)
    try:
        text = data[at:].decode(encoding)
    except UnicodeDecodeError:
        # The other encodings have their letters outside ASCII; no character that a listing needs is lost.
        text = data[at:].decode(encoding if encoding != "utf-8" else "cp1252", "replace")
    sample = text[:SAMPLE]
    odd = sum(letter < " " and letter not in "\t\n\r\f\x1b\x1a" for letter in sample)
    return None if "\0" in sample or odd > len(sample) // 100 + 2 else text


def flatten(text: str) -> str:
    """The text with the line ends of UNIX, and without what a mail, a web page or a table put around its lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if ENCODED_MAIL.search(text):
        text = quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    if MARKUP.search(text):
        text = html.unescape(TAGS.sub("", LINE_ENDS.sub("\n", text.replace("</td>", " </td>"))))
    text = CSV_LINE.sub(_join_cells, text)
    return QUOTED.sub("", text).replace("\xa0", " ")


def _join_cells(match: re.Match[str]) -> str:
    return "\t".join(next(csv.reader([match[0]]), [match[0]]))


def _encoding(data: bytes) -> tuple[str, int]:
    """(encoding, bytes of mark before the text)."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return name, len(mark)
    sample = data[:SAMPLE]
    # Text in the Latin alphabet has a zero in every second byte of UTF-16.
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[place::2]
        if len(half) > 2 and half.count(0) > 0.6 * len(half) and sample[1 - place :: 2].count(0) < 0.1 * len(half):
            return name, 0
    return "utf-8", 0
