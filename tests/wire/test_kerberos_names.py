"""Kerberos' numbers have the standard's names, and those of tshark."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from wireproof.wire.kerberos_names import ERRORS, error_name, etype_name, kind_name


def test_names_are_those_of_the_standard() -> None:
    assert (kind_name(12), error_name(7), etype_name(18)) == (
        "TGS-REQ",
        "KDC_ERR_S_PRINCIPAL_UNKNOWN",
        "aes256-cts-hmac-sha1-96",
    )
    assert (kind_name(99), error_name(199), etype_name(99)) == ("99", "error 199", "etype 99")


def test_errors_are_those_of_tshark(program: Callable[[str], str]) -> None:
    lines = subprocess.run([program("tshark"), "-G", "values"], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in lines.splitlines() if line.startswith("V\tkerberos.error_code\t")]
    theirs = {int(row[2]): row[3].lower().replace("err-", "err_").replace("-", "_") for row in rows}
    differ = {
        code
        for code, name in theirs.items()
        if code in ERRORS and not ERRORS[code].lower().endswith(name.removeprefix("err_"))
    }
    assert len(theirs) > 60
    # 43 is of version 4; of five errors they write the names shorter or longer.
    assert theirs.keys() - ERRORS.keys() == {43}
    assert len(differ) < 5
