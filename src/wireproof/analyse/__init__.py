"""The whole way of a case on one screen: inputs -> captures -> tables -> Case -> verdicts.

    keys     files that the user names        Keys             private keys, key logs, certificates
    inputs   files, folders, archives, "-"    open_inputs      opened captures with names, keys beside them, notes on what is neither
    captures read side by side in threads     read_points      packet tables and conversations, opened TLS sessions
    case     all points                       run_rules        findings, open questions

Takes paths, gives a `Report`; prints nothing and knows no report format.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wireproof.analyse.inputs import close_inputs, open_inputs
from wireproof.analyse.keys import Keys, certificates_of, make_ring
from wireproof.analyse.reading import read_points
from wireproof.case import Case

if TYPE_CHECKING:
    from wireproof.capture.frames import Progress
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.finding import Severity
    from wireproof.rules.run import Verdicts

__all__ = ["Report", "analyse", "closing", "open_case"]


def _none_yet() -> Verdicts:
    """Who only opens a case starts without what judges it."""
    from wireproof.rules.run import Verdicts

    return Verdicts()


@dataclass(slots=True)
class Report:
    """A case and what the rules said about it. As a context manager it closes the captures at its end."""

    case: Case
    verdicts: Verdicts = field(default_factory=_none_yet)

    def close(self) -> None:
        """Release the capture files; tables and verdicts stay usable."""
        _close(self.case)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def closing(case: Case) -> Iterator[None]:
    """Release the capture files of a case that is not judged behind the `with` block."""
    try:
        yield
    finally:
        _close(case)


def _close(case: Case) -> None:
    for point in case.points:
        point.capture.close()


def analyse(
    inputs: Sequence[str],
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    severity: Severity | None = None,
    progress: Progress | None = None,
    keys: Keys | None = None,
) -> Report:
    """Read the inputs as one case and judge it by the selected rules (names or families; all when None).

    `severity` is the least that is kept (None: all); `progress` is called with bytes read and bytes in all, over all captures, from
    any thread; `keys` open TLS sessions, as do those found among the inputs. Raises RuleNameError for an unknown rule,
    KeyMaterialError for keys that can't be used, CaseError for inputs that make no case, and CaptureFormatError with every
    reason when no input can be read.
    """
    from wireproof.analyse.selection import choose_rules
    from wireproof.finding import Severity
    from wireproof.rules.run import run_rules

    # Names are checked before anything is read. Without any, the rules may still be loading in another thread meanwhile.
    named = select is not None or ignore is not None
    rules = choose_rules(select, ignore) if named else []
    report = Report(open_case(inputs, progress, keys))
    with contextlib.ExitStack() as unless_done:
        unless_done.callback(report.close)
        report.verdicts = run_rules(report.case, rules if named else choose_rules(), severity or Severity.INFO)
        unless_done.pop_all()
    return report


def open_case(inputs: Sequence[str], progress: Progress | None = None, keys: Keys | None = None) -> Case:
    """Read the inputs as one case without judging it; errors, `progress` and `keys` as for `analyse`."""
    keys = keys or Keys()
    named = keys.read()
    found = open_inputs(inputs, keys.passwords)
    with contextlib.ExitStack() as unless_done:
        unless_done.callback(close_inputs, found)
        at_hand = [*named, *found.keys]
        found.ring = make_ring(at_hand, keys.servers) if at_hand else None
        points = read_points(found, progress) if found.opened else []
        case = Case(points, title=found.title, notes=found.notes, path_order=found.path_order, nat=found.nat)
        case.logs = found.logs
        case.certificates = certificates_of(at_hand) if at_hand else []
        if found.ring is not None:
            _tell_keys(case, found.ring)
        unless_done.pop_all()
    return case


def _tell_keys(case: Case, ring: KeyRing) -> None:
    """Say in the case what became of the keys. Reports show that with the sessions; of a ring that opens nothing they show none."""
    case.key_sources = ring.sources
    if ring:
        case.keys = ring
    else:
        case.notes += [f"{source.name}: {note}" for source in ring.sources for note in source.notes]
