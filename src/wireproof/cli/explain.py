"""`wireproof explain`: what Windows error codes mean."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from wireproof.cli.exits import UNUSABLE


class Format(enum.StrEnum):
    """How codes are told."""

    TEXT = "text"
    JSON = "json"


def explain(
    codes: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE",
            help="Hexadecimal, decimal, signed, or a name: 0x800b0109, 10060, -2146762487, WSAETIMEDOUT, HRESULT_FROM_WIN32(10061).",
        ),
    ],
    code_format: Annotated[Format, typer.Option("--format", "-f", help="How to write it.")] = Format.TEXT,
) -> None:
    """Say what Windows error codes mean: Win32, Winsock, RPC, IPsec, WinHTTP, Windows Update, HRESULT and NTSTATUS.

    One number means different things in different tables: all are shown, the likely one first. Exit code: 0 all are known, 1 one has
    no name, 2 one is no code.
    """
    from wireproof.report.codes_text import code_object, draw_code
    from wireproof.wire.windows.codes import read_code

    read = [(code, read_code(code)) for code in codes]
    if code_format is Format.JSON:
        import json

        from wireproof.cli.streams import print_document

        print_document(json.dumps([code_object(*one) for one in read], indent=2))
    else:
        from wireproof.cli.streams import console_width, open_console, print_text
        from wireproof.report.page import Page

        console = open_console()
        page = Page(console_width(console))
        for code, readings in read:
            draw_code(page, code, readings)
        print_text(console, page.text)
    if not all(readings for _, readings in read):
        raise typer.Exit(UNUSABLE)
    raise typer.Exit(0 if all(any(one.name for one in readings) for _, readings in read) else 1)
