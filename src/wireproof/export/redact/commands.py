"""Secrets in the lines of FTP, POP3, IMAP, SMTP and their like: user names and passwords, and the dialogue of AUTH.

Takes bytes of what one side says; gives what to blank. Lines are found where they begin, so that no dialogue need be followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.export.redact.secret import AT_LINE, Secret

LINE_END = re.compile(rb"(\r?\n)")
COMMANDS = re.compile(
    rb"(?im)^(?:(?:user|pass|acct|apop|auth(?:info)?)[ \t]+|[A-Za-z0-9.]{1,20} (?:login|authenticate)[ \t]+)(?=\S)"
)
SIGNS = (b"user", b"pass", b"acct", b"apop", b"auth", b" login")
"""One of these is in every command, lower case."""
MECHANISM = re.compile(
    rb"(?i)(?:plain|login|cram-md5|digest-md5|ntlm|gssapi|gss-spnego|external|xoauth2?|oauthbearer|scram-sha-[\w-]+|anonymous|tls|ssl)(?=\s|$)[ \t]*"
)
CODED_LINE = re.compile(rb"(?:[A-Za-z0-9+/]{2,}={0,2}|[A-Za-z0-9+/]{1,3}={1,2}|\*|=)\r?\n")
LITERAL = re.compile(rb"\{([0-9]{1,9})\+?\}\Z")
MOST_LINES = 16
"""Of one dialogue: NTLM takes three, others fewer."""


def find_command_secrets(data: bytes) -> Iterator[Secret]:
    """Every secret in lines of commands."""
    lowered = data.lower()
    if not any(sign in lowered for sign in SIGNS):
        return
    for command in COMMANDS.finditer(data):
        start = command.end()
        mechanism = MECHANISM.match(data, start) if b"auth" in command[0].lower() else None
        if mechanism:
            yield from _dialogue(data, mechanism.end(), command.start())
        else:
            yield from _arguments(data, start, command.start())


def _line(data: bytes, start: int, name_at: int) -> Secret:
    end = LINE_END.search(data, start)
    return Secret(start, end.start(1) if end else len(data), LINE_END, name_at, end is None)


def _dialogue(data: bytes, start: int, name_at: int) -> Iterator[Secret]:
    """What stands behind the mechanism, and the lines that follow as long as they look like answers to a server's challenge."""
    line = _line(data, start, name_at)
    yield line
    for _ in range(MOST_LINES):
        following = LINE_END.match(data, line.end)
        if following is None:
            return
        coded = CODED_LINE.match(data, following.end())
        if coded is None:
            # A line that is cut by the end of the data may be one.
            if following.end() < len(data) and b"\n" not in data[following.end() :]:
                yield Secret(following.end(), len(data), LINE_END, name_at, True)
            elif following.end() == len(data):
                yield Secret(len(data), len(data), AT_LINE, name_at, True)
            return
        line = _line(data, following.end(), name_at)
        yield line


def _arguments(data: bytes, start: int, name_at: int) -> Iterator[Secret]:
    """The rest of the line, and where it ends in the length of a literal (RFC 9051 section 4.3), the literal and the next line."""
    line = _line(data, start, name_at)
    yield line
    for _ in range(MOST_LINES):
        literal = LITERAL.search(data, max(line.end - 16, line.start), line.end)
        following = LINE_END.match(data, line.end)
        if literal is None or following is None:
            return
        behind = following.end() + int(literal[1])
        if behind > len(data):
            yield Secret(following.end(), len(data), LINE_END, name_at, True)
            return
        yield Secret(following.end(), behind, LINE_END, name_at, False)
        line = _line(data, behind, name_at)
        yield line
