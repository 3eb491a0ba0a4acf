"""How the bytes of a text file are encoded: byte order marks, UTF-16 without one, and code pages, as Windows writes them.

Takes bytes; gives names of encodings, and the text. Programs on Windows write the ANSI code page, commands at a prompt the OEM one, and
neither says so: which it was shows in the letters that come out.
"""

from __future__ import annotations

import codecs
import re

SAMPLE = 4096
"""Bytes or characters of a file's beginning that are looked at."""
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def find_mark(data: bytes) -> tuple[str, int]:
    """(encoding, bytes of mark before the text) by a byte order mark; UTF-8 and 0 where there is none."""
    return next(((name, len(mark)) for mark, name in MARKS if data.startswith(mark)), ("utf-8", 0))


def find_encoding(data: bytes) -> tuple[str, int]:
    """(encoding, bytes of mark before the text), also of UTF-16 that has no mark; UTF-8 where nothing else shows."""
    name, length = find_mark(data)
    if length:
        return name, length
    sample = data[:SAMPLE]
    # Text in the Latin alphabet has a zero in every second byte of UTF-16.
    for place, wide in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[place::2]
        if len(half) > 2 and half.count(0) > 0.6 * len(half) and sample[1 - place :: 2].count(0) < 0.1 * len(half):
            return wide, 0
    return "utf-8", 0


def is_binary(text: str) -> bool:
    """Whether the beginning of what was decoded holds what no text does: NUL, or many control characters."""
    sample = text[:SAMPLE]
    odd = sum(letter < " " and letter not in "\t\n\r\f\x1b\x1a" for letter in sample)
    return "\0" in sample or odd > len(sample) // 100 + 2


def decode(data: bytes) -> tuple[str, str] | None:
    """The text in these bytes and its encoding; None where they are none. What can't be decoded becomes U+FFFD."""
    encoding, at = find_encoding(data)
    try:
        text = data[at:].decode(encoding)
    except UnicodeDecodeError:
        # Control characters are the same in all code pages.
        if encoding == "utf-8" and is_binary(data[:SAMPLE].decode("latin-1")):
            return None
        encoding = guess_code_page(data) if encoding == "utf-8" else encoding
        text = data[at:].decode(encoding, "replace")
    return None if is_binary(text) else (text, encoding)


HIGH = re.compile(rb"[\x80-\xff]")
SPACE = re.compile(rb"[\x00- ]")
WORDS_MOST, BEFORE, BEHIND = 500, 24, 40
"""Words that are looked at, and bytes of each before and behind its first byte beyond ASCII."""
WESTERN = frozenset("äöüßéèêëàâçîïôûùœæáíóúñåøãõìò")
CENTRAL = frozenset("ąćęłńóśźżčďěňřšťůúýžáéíäöüßőűôľĺŕăâîşţđç")
CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ")
CODE_PAGES = {
    "cp1252": WESTERN, "cp850": WESTERN, "cp437": WESTERN, "cp1250": CENTRAL, "cp852": CENTRAL, "cp1251": CYRILLIC, "cp866": CYRILLIC,
}  # fmt: skip
"""The letters that texts in a code page are made of. Where several make as much sense, the first is meant."""
ALONE = frozenset("àáèéìíòóùúâêôÀÉÈÁÓ")
"""Letters that are words."""
OPENING, CLOSING, DASHES = frozenset("“‘„‚«"), frozenset("”’…»™®"), frozenset("–—•·€£©°§²³µ")
KANA = re.compile("[\u3041-\u30fa\u30fc]")
SIMPLIFIED = re.compile(rb"(?:[\xa1-\xa3\xb0-\xd7][\xa1-\xfe])+")
"""Punctuation, and the characters of GB 2312 that are in usual use."""
SURE = 4
"""So many characters of Japanese or Chinese tell the language."""


def guess_code_page(data: bytes) -> str:
    """The encoding of a text that is not all UTF-8: the code page that makes most sense of its words, cp1252 where none makes more."""
    words = _words(data)
    whole = [word for word in words if _is_utf8(word)]
    if 4 * len(whole) >= 3 * len(words) > 0:
        return "utf-8"
    east_asian = _guess_east_asian(words)
    if east_asian:
        return east_asian
    return max(
        CODE_PAGES, key=lambda page: sum(_sense(word.decode(page, "replace"), CODE_PAGES[page]) for word in words)
    )


def _words(data: bytes) -> list[bytes]:
    """What stands between blanks and holds bytes beyond ASCII."""
    words: list[bytes] = []
    found = HIGH.search(data)
    while found and len(words) < WORDS_MOST:
        at = found.start()
        head = SPACE.split(data[max(at - BEFORE, 0) : at])[-1]
        tail = SPACE.split(data[at : at + BEHIND], maxsplit=1)[0]
        words.append(head + tail)
        found = HIGH.search(data, at + len(tail))
    return words


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _guess_east_asian(words: list[bytes]) -> str:
    """Japanese by its kana, simplified Chinese by its usual characters in pairs of bytes beyond ASCII; "" for neither."""
    text = b" ".join(words).decode("cp932", "replace")
    beyond = sum(letter > "\x7f" for letter in text)
    if "\ufffd" not in text and len(KANA.findall(text)) >= max(SURE, beyond / 3):
        return "cp932"
    runs = [run for word in words for run in re.findall(rb"[\x80-\xff]+", word)]
    usual = [run for run in runs if SIMPLIFIED.fullmatch(run)]
    pairs = {run[at : at + 2] for run in usual for at in range(0, len(run), 2)}
    is_chinese = len(usual) > 0.8 * len(runs) and len(pairs) >= SURE and max(map(len, usual)) >= 2 * SURE
    return "cp936" if is_chinese else ""


def _sense(word: str, usual: frozenset[str]) -> int:
    """How much sense the letters of a word make beyond ASCII: two for each that may stand there, less than none for what may not."""
    around = f" {word} "
    return sum(
        _sense_of(around[at - 1], letter, around[at + 1], usual) for at, letter in enumerate(around) if letter > "\x7f"
    ) - 4 * (usual is not CYRILLIC) * sum(len(run) > 2 for run in re.findall(r"[^\W\x00-\x7f]+", word))


def _sense_of(before: str, letter: str, after: str, usual: frozenset[str]) -> int:
    if letter.isalpha() and letter not in "ªº":
        return _sense_of_letter(before, letter, after, usual)
    if letter == "\ufffd" or "\x80" <= letter < "\xa0":
        return -3
    if letter == "\xa0":
        return 2 * (before.isdigit() and after.isdigit())
    inside = before.isalpha() and after.isalpha()
    if inside:
        return 2 if letter == "’" else -3
    if "\u2500" <= letter < "\u25a0":
        return -3 if before.isalpha() or after.isalpha() else 1
    fits = (letter in OPENING and not before.isalnum()) or (letter in CLOSING and not after.isalnum())
    return 2 if fits or letter in DASHES else -1


def _sense_of_letter(before: str, letter: str, after: str, usual: frozenset[str]) -> int:
    if usual is CYRILLIC and any(other.isascii() and other.isalpha() for other in (before, after)):
        return -3
    if before == letter == after or before.isdigit() or after.isdigit():
        return -2
    if usual is not CYRILLIC and not before.isalpha() and not after.isalpha() and letter not in ALONE:
        return -1
    in_word_of_capitals = not before.islower() and not (before.isupper() and after.islower())
    fits = in_word_of_capitals if letter.isupper() else not after.isupper()
    return (2 if letter.lower() in usual else -1) - (0 if fits else 4)
