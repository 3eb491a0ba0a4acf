"""`wireproof policy applocker`: installers and programs in; AppLocker rules, or rules of software restriction policies, out."""

from __future__ import annotations

import codecs
import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wireproof.policy.model import Choice, Mode

if TYPE_CHECKING:
    from wireproof.policy.rules import RuleSet


class Format(enum.StrEnum):
    """How rules are written."""

    XML = "xml"
    REG = "reg"
    TEXT = "text"
    JSON = "json"


SUFFIXES = {".xml": Format.XML, ".reg": Format.REG, ".json": Format.JSON, ".txt": Format.TEXT}
MISSING = 'this needs the packages of an extra: install them with  python -m pip install "wireproof[policy]"'
ALONE = "imported alone, this policy stops every program without a rule; merge it into one that holds the default rules"

policy = typer.Typer(
    no_args_is_help=True,
    help="Rules that let programs run where AppLocker or software restriction policies are in force.",
)


@policy.callback()
def group() -> None:
    """Rules that let programs run where AppLocker or software restriction policies are in force."""


@policy.command()
def applocker(  # noqa: PLR0913, PLR0917 - one argument an option of the command line
    paths: Annotated[
        list[Path], typer.Argument(metavar="MSI|FOLDER", help="Installers, programs, or folders with any mix of them.")
    ],
    policy_format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="AppLocker policy (xml), software restriction policies (reg), or a list of files and rules; by default as --output's suffix says, else xml.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to this file.")
    ] = None,
    rules: Annotated[
        Choice,
        typer.Option(
            "--rules", help="Publisher rules where they can match and hash rules elsewhere, hash rules only, or both."
        ),
    ] = Choice.PUBLISHER,
    user: Annotated[
        str, typer.Option("--user", metavar="SID", help="Who may run the files: a SID, Everyone, Users, …")
    ] = "Everyone",
    mode: Annotated[
        Mode, typer.Option("--mode", help="What Windows does with the collections of this policy when it stands alone.")
    ] = Mode.AUDIT,
    dll: Annotated[bool, typer.Option("--dll", help="Rules for libraries too.")] = False,
    scripts: Annotated[
        bool, typer.Option("--scripts", help="Rules for scripts too (.ps1, .bat, .cmd, .vbs, .js).")
    ] = False,
    limit: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Set policy.unpacked_bytes or policy.files.")
    ] = None,
) -> None:
    """Print AppLocker rules for installers and the programs inside them, or for the programs of a folder.

    Exit code: 0 done, 1 done but for files that could not be read, 2 unusable input.
    """
    from wireproof.cli.check import set_limits
    from wireproof.cli.exits import complain
    from wireproof.policy.rules import Wanted, make_rules, read_user
    from wireproof.policy.walk import take_inventory

    set_limits(limit or [])
    who = read_user(user)
    require_packages()
    inventory = take_inventory(paths)
    made = make_rules(inventory, Wanted(rules, who, dll, scripts))
    chosen = policy_format or SUFFIXES.get(output.suffix.lower() if output else "", Format.XML)
    write(render(made, chosen, who, mode), chosen, output)
    for note in made.notes:
        complain(note)
    if chosen is Format.XML and mode is not Mode.AUDIT:
        complain(ALONE)
    raise typer.Exit(1 if inventory.notes else 0)


def require_packages() -> None:
    """Raise PolicyError, with the command that helps, when the extra is not installed."""
    from importlib.util import find_spec

    from wireproof.policy.model import PolicyError

    if not all(map(find_spec, ("olefile", "pefile"))):
        raise PolicyError(MISSING)


def render(made: RuleSet, chosen: Format, user: str, mode: Mode) -> str:
    """The rules in one format."""
    from wireproof.policy.applocker import write_policy
    from wireproof.policy.documents import write_json, write_text
    from wireproof.policy.restriction import write_registry

    if chosen is Format.XML:
        return write_policy(made, user, mode)
    if chosen is Format.REG:
        return write_registry(made.files)
    return write_json(made, user) if chosen is Format.JSON else write_text(made, user)


def write(text: str, chosen: Format, output: Path | None) -> None:
    """To a file or to standard output. Registry files are UTF-16, as regedit writes them itself."""
    from wireproof.cli.streams import OutputError, print_document

    if output is None:
        print_document(text)
        return
    try:
        output.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le") if chosen is Format.REG else text.encode())
    except OSError as error:
        raise OutputError(f"{output} can't be written: {error.strerror or error}") from None
