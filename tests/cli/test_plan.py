"""`wireproof plan` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.terminal import run, run_on_terminal

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "plan"
SITE = EXAMPLES / "native-ipv6.yaml"


def test_a_site_that_works_gives_exit_code_0_and_its_verdict_first() -> None:
    done = run("plan", SITE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Native IPv6 with the automatic prefix: ")


def test_findings_give_exit_code_1() -> None:
    done = run("plan", EXAMPLES / "balancer.yaml")
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"plan-same-prefix" in done.stdout


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe\x00", b"- 1\n", b"entry-points: []\n", b"a: &a [*a, *a]\n", b"\x00\x01"]
)
def test_a_file_that_is_no_site_gives_exit_code_2_and_no_traceback(text: bytes) -> None:
    done = run("plan", "-", stdin=text)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"wireproof: ")
    assert b"Traceback" not in done.stderr


def test_a_file_that_is_not_there_gives_exit_code_2(tmp_path: Path) -> None:
    done = run("plan", tmp_path / "none.yaml")
    assert done.returncode == 2
    assert b"none.yaml can't be read: No such file" in done.stderr


def test_two_sites_at_once_are_refused() -> None:
    assert run("plan", SITE, SITE).returncode == 2


def test_rules_are_selected_and_unknown_ones_refused() -> None:
    done = run("plan", EXAMPLES / "balancer.yaml", "--select", "plan-same-prefix", "--format", "json")
    assert {finding["rule"] for finding in json.loads(done.stdout)["findings"]} == {"plan-same-prefix"}
    assert run("plan", SITE, "--select", "plan-nothing").returncode == 2


def test_a_terminal_gets_colours() -> None:
    text, code = run_on_terminal("plan", SITE)
    assert code == 0
    assert "\x1b[1;32mNative IPv6" in text


def test_saved_outputs_become_a_site_file(tmp_path: Path) -> None:
    output = tmp_path / "da1.txt"
    output.write_bytes("\ufeffInternalIPv6Prefix : {2002:836b:2:3333::/64}\r\n".encode("utf-16-le"))
    done = run("plan", "--from-output", output)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"entry-points" in done.stdout
    assert run("plan", "--from-output", output, "--output", tmp_path / "site.yaml").returncode == 0
    assert (tmp_path / "site.yaml").read_bytes() == done.stdout
