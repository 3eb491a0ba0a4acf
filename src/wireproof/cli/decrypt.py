"""`wireproof decrypt`: what the keys at hand open, and a capture of it in clear that any tool reads."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wireproof.cli.exits import UNUSABLE, complain
from wireproof.cli.key_options import KeyFiles, PasswordFile, Servers
from wireproof.cli.streams import OutputError
from wireproof.errors import Fence, WireproofError

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.export import ExportOptions
    from wireproof.report.sessions.outcome import Decrypted

SUFFIX = ".clear.pcapng"
NOTHING_OPENED = 1
NOT_WRITTEN = {
    ".zst",
    ".lz4",
    ".xz",
    ".bz2",
    ".lzma",
    ".z",
    ".zip",
    ".7z",
    ".tar",
    ".tgz",
    ".cab",
    ".rar",
    ".etl",
    ".erf",
}
"""Ends of names that stand for another form than what is written."""


class DecryptFormat(enum.StrEnum):
    """Forms of the table of sessions."""

    TEXT = "text"
    JSON = "json"


def decrypt(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="CAPTURE", help="Captures, archives of captures, case folders, or - for standard input."
        ),
    ],
    key: KeyFiles = None,
    password_file: PasswordFile = None,
    server: Servers = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.pcapng|FOLDER",
            help="Write what was decrypted as a capture (.pcapng, .pcap, either with .gz); into a folder, and of several captures, each as NAME.clear.pcapng.",
        ),
    ] = None,
    only_decrypted: Annotated[
        bool, typer.Option("--only-decrypted", help="Leave out everything else that the capture holds.")
    ] = False,
    map_port: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PORT=PORT",
            help="Write a server's port as another one, such as 443=80, for tools that go by port; may be repeated.",
        ),
    ] = None,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact", help="Blank passwords, cookies, tokens and other credentials, in what is kept as captured too."
        ),
    ] = False,
    report_format: Annotated[
        DecryptFormat, typer.Option("--format", "-f", help="How to write the table of sessions.")
    ] = DecryptFormat.TEXT,
    top: Annotated[
        int, typer.Option(min=0, help="How many sessions of each state and reason to show as text; 0 for all.")
    ] = 20,
) -> None:
    """Decrypt TLS sessions with the keys at hand, say of each other session exactly why not, and write a capture in clear.

    Without --output only the table is printed. Keys are never written anywhere.
    Exit code: 0 something was decrypted or nothing needed it, 1 there are sessions and none could be decrypted, 2 unusable input.
    """
    from wireproof.analyse import closing, open_case
    from wireproof.analyse.keys import only_certificates
    from wireproof.cli.key_options import choose_keys
    from wireproof.cli.progress import ReadProgress, Waiting

    check_options(output, only_decrypted, map_port, redact)
    ports, keys = read_ports(map_port or []), choose_keys(key, password_file, server, inputs)
    failures: list[str] = []
    with ReadProgress() as progress:
        case = open_case(inputs, progress, keys)
    with closing(case):
        with Waiting("Looking at TLS sessions"):
            made = outline_decrypted(case)
        if output:
            from wireproof.export import ExportOptions

            given = tuple(map(Path, filter(None, (*inputs, *(key or ()), password_file))))
            options = ExportOptions(others=not only_decrypted, ports=ports, redact=redact, inputs=given)
            with Waiting("Writing in clear"):
                write_clear(case, made, options, output, failures.append)
        emit(made, report_format, top)
    if made.needed and not made.opened:
        failures += only_certificates(keys.read())
    for failure in failures:
        complain(failure)
    raise typer.Exit(UNUSABLE if failures else exit_code(made))


def check_options(output: str | None, only_decrypted: bool, map_port: list[str] | None, redact: bool) -> None:
    """Refuse options that say how a file is written where none is asked for: whoever forgot --output believes it is written."""
    if output == "-":
        raise typer.BadParameter("a clear capture is written to a file, not to standard output", param_hint="--output")
    if output is not None and not output.strip():
        raise typer.BadParameter("it names no file", param_hint="--output")
    packed = Path(output or "").suffix.lower()
    if packed in NOT_WRITTEN and not Path(output or "").is_dir():
        raise typer.BadParameter(
            f"{packed} is not written here: name a file that ends in .pcapng, .pcap or .pcapng.gz, and pack it afterwards",
            param_hint="--output",
        )
    given = {"--only-decrypted": only_decrypted, "--map-port": bool(map_port), "--redact": redact}
    if output is None and any(given.values()):
        names = [name for name, is_given in given.items() if is_given]
        raise typer.BadParameter(
            f"{' and '.join(names)} {'say' if names[1:] else 'says'} how --output is written, which is not given"
        )


def read_ports(words: Iterable[str]) -> dict[int, int]:
    """What --map-port says."""
    ports: dict[int, int] = {}
    for pair in words:
        before, equals, after = pair.partition("=")
        if not (equals and is_port(before) and is_port(after)):
            raise typer.BadParameter(f"{pair!r} is not of the form 443=80", param_hint="--map-port")
        if ports.setdefault(int(before), int(after)) != int(after):
            raise typer.BadParameter(f"port {before} is mapped twice", param_hint="--map-port")
    return ports


def exit_code(made: Decrypted) -> int:
    """0 where something was decrypted, or where there was nothing to decrypt; 2 where a defect kept wireproof from looking."""
    if any(table.failed for table in made.tables):
        return UNUSABLE
    return 0 if made.opened or not made.needed else NOTHING_OPENED


def is_port(words: str) -> bool:
    """Whether a word is a number from 1 to 65535."""
    return words.isascii() and words.isdigit() and 0 < int(words) < 65536


def outline_decrypted(case: Case) -> Decrypted:
    """All sessions of a case, with what keys opened; without any key each session tells what would open it."""
    from wireproof.decrypt.build import open_tls
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.report.captures import make_captures
    from wireproof.report.sessions.outcome import Decrypted
    from wireproof.report.sessions.outline import find_sessions
    from wireproof.report.sessions.viewing import find_views

    if case.keys is None:
        for point in case.points:
            with Fence(f"looking at the TLS sessions of {point.file}", case.notes.append):
                point.clear = open_tls(point.tables, KeyRing(), every=True)
    captures = list(zip(make_captures(case), find_sessions(case), strict=True))
    return Decrypted(captures, notes=list(case.notes), views=list(find_views(case.points)))


# --- clear captures --------------------------------------------------------------------------------------------------


def write_clear(
    case: Case, made: Decrypted, options: ExportOptions, output: str, fail: Callable[[str], object]
) -> None:
    """Write a file for each capture of which something was decrypted; one that fails does not cost the others."""
    from wireproof.export.datagrams import find_spoken

    made.asked = True
    try:
        names = name_files(case.points, output)
    except OutputError as error:
        fail(str(error))
        return
    for point, table, path in zip(case.points, made.tables, names, strict=True):
        if point.clear is None or not (point.clear.talks or find_spoken(point.clear)):
            why = "goes over QUIC, or is the handshake of DTLS alone" if table.opened else "is nothing"
            made.notes.append(f"nothing was written for {point.name}: what was decrypted {why}")
            continue
        with Fence(f"writing {point.name} in clear", fail):
            try:
                write_point(point, made, options, path)
            except WireproofError as error:
                fail(str(error))


def write_point(point: Point, made: Decrypted, options: ExportOptions, path: Path) -> None:
    """Write one capture in clear; what of DTLS was decrypted and is not in the file becomes a note."""
    from wireproof.export import export_clear
    from wireproof.export.datagrams import find_spoken
    from wireproof.report.sessions.outcome import Written
    from wireproof.report.words import count

    assert point.clear is not None
    done = export_clear(point.tables, point.clear, path, options)
    made.written[point.name] = Written(str(path), done)
    left = len(point.clear.datagrams) - len(find_spoken(point.clear))
    if left > 0:
        kept = "stays" if left == 1 else "stay"
        made.notes.append(
            f"{count(left, 'DTLS session')} of {point.name} {kept} as captured: only a handshake was read"
        )


def name_files(points: Sequence[Point], output: str) -> list[Path]:
    """Where the clear captures go: of one capture the output itself, else NAME.clear.pcapng in it, a folder that is made."""
    folder = Path(output)
    if len(points) == 1 and not (folder.is_dir() or output.endswith(("/", os.sep))):
        return [folder]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror or error
        what = "several captures are" if len(points) > 1 else "the clear capture is"
        raise OutputError(f"{what} written into a folder, which {folder} can't be: {reason}") from None
    return [folder / f"{safe_name(point.name)}{SUFFIX}" for point in points]


def safe_name(name: str) -> str:
    """A capture's name as the name of a file on any system."""
    return (
        "".join("_" if letter in '<>:"/\\|?*' or letter < " " else letter for letter in name).strip(". ") or "capture"
    )


def emit(made: Decrypted, chosen: DecryptFormat, top: int) -> None:
    """Print the table of sessions."""
    from wireproof.cli.streams import console_width, open_console, print_document, print_text

    if chosen is DecryptFormat.JSON:
        from wireproof.report.sessions.as_json import render_decrypted_json

        print_document(render_decrypted_json(made))
        return
    from wireproof.report.sessions.as_text import render_decrypted

    console = open_console()
    print_text(console, render_decrypted(made, console_width(console), top))
