"""One list of names: what an export blanks, no report shows either."""

from __future__ import annotations

import pytest

from wireproof.export.redact.text import find_text_secrets
from wireproof.wire.http import without_secrets
from wireproof.wire.secret_names import PARTS, PARTS_IN_TARGETS, WHOLE, WHOLE_IN_TARGETS


@pytest.mark.parametrize("name", [*PARTS, *(f"x{part}y" for part in PARTS), *WHOLE, *(f"x_{name}" for name in WHOLE)])
def test_what_an_export_blanks_stands_in_no_report(name: str) -> None:
    line = f"GET /?a=b&{name}=value HTTP/1.1".encode()
    assert b"value" in {line[secret.start : secret.end] for secret in find_text_secrets(line)}
    assert without_secrets(f"/?a=b&{name}=value") == f"/?a=b&{name}=…"


@pytest.mark.parametrize("name", [*PARTS_IN_TARGETS, *(f"x{part}y" for part in PARTS_IN_TARGETS), *WHOLE_IN_TARGETS])
def test_more_names_are_left_out_of_targets_in_reports(name: str) -> None:
    assert without_secrets(f"/?a=b&{name}=value") == f"/?a=b&{name}=…"


def test_names_are_lower_case_and_stand_once() -> None:
    every = [*PARTS, *WHOLE, *PARTS_IN_TARGETS, *WHOLE_IN_TARGETS]
    assert every == [name.lower() for name in every]
    assert all(len(set(names)) == len(names) for names in ((*PARTS, *WHOLE), (*PARTS_IN_TARGETS, *WHOLE_IN_TARGETS)))
