"""`wireproof explain`: codes in, names and meanings out."""

from __future__ import annotations

import json

from tests.support.terminal import run


def test_several_codes_are_told_one_after_the_other() -> None:
    done = run("explain", "0x274c", "-2146762487")
    text = done.stdout.decode()
    assert done.returncode == 0
    assert text.index("WSAETIMEDOUT") < text.index("CERT_E_UNTRUSTEDROOT")


def test_the_form_that_it_prints_is_taken() -> None:
    done = run("explain", "HRESULT_FROM_WIN32(10061)", "10060 (0x274c)", "0x80072F8F")
    text = done.stdout.decode()
    assert done.returncode == 0
    for name in ("WSAECONNREFUSED", "WSAETIMEDOUT", "ERROR_WINHTTP_SECURE_FAILURE"):
        assert name in text


def test_json_has_every_reading() -> None:
    (told,) = json.loads(run("explain", "0x103", "-f", "json").stdout)
    assert [reading["table"] for reading in told["readings"]] == ["win32", "ntstatus"]


def test_the_exit_code_tells_codes_without_a_name_from_what_is_no_code() -> None:
    assert run("explain", "0x800b7fff").returncode == 1
    assert run("explain", "10060", "nothing").returncode == 2
