"""`wireproof decrypt`: the table of sessions, clear captures, exit codes, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.support import verdicts
from tests.support.files import write_pcap
from tests.support.keys import PASSWORD, certificate_bytes, private_bytes, rsa_key
from tests.support.said_over import said
from tests.support.sessions import closed, mixed
from tests.support.tables import spaced
from tests.support.terminal import run, run_on_terminal
from wireproof.analyse import Report, open_case
from wireproof.cli.decrypt import check_options, exit_code, name_files, read_ports, safe_name
from wireproof.cli.streams import OutputError
from wireproof.decrypt.outcome import Reason
from wireproof.report.captures import make_captures
from wireproof.report.sessions.outcome import Decrypted
from wireproof.report.sessions.table import SessionTable

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "https-order"
CAPTURE, PFX, LOG = EXAMPLE / "server.pcapng", EXAMPLE / "throwaway-key.pfx", EXAMPLE / "key-log.txt"
KEYS = ("--key", PFX, "--password-file", EXAMPLE / "throwaway-key.password", "--key", LOG)


@dataclass
class Done:
    """One run with all keys: the table as text and as JSON, and the clear capture."""

    text: str
    document: dict[str, Any]
    path: Path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("clear")
    text = run("decrypt", CAPTURE, *KEYS)
    told = run("decrypt", CAPTURE, *KEYS, "--format", "json", "-o", folder / "clear.pcapng")
    assert (text.returncode, text.stderr, told.returncode, told.stderr) == (0, b"", 0, b"")
    return Done(text.stdout.decode(), json.loads(told.stdout), folder / "clear.pcapng")


def test_the_table_says_of_each_session_what_opened_it_or_why_not(done: Done) -> None:
    words = " ".join(done.text.split())
    assert "3 of 4 TLS sessions decrypted (throwaway-key.pfx: 2, key-log.txt: 1); 1 closed: 1 forward secrecy" in words
    assert "throwaway-key.pfx private key, opened 2 sessions" in words
    assert "Nothing was written" in words


def test_without_a_key_each_session_tells_what_it_would_take_and_nothing_is_written(tmp_path: Path) -> None:
    done = run("decrypt", CAPTURE, "-o", tmp_path / "clear.pcapng")
    assert done.returncode == 1
    assert b"0 of 4 TLS sessions decrypted; 4 closed" in done.stdout
    assert b"no key" in done.stdout
    assert b"SSLKEYLOGFILE" in done.stdout
    assert not (tmp_path / "clear.pcapng").exists()
    assert b"nothing was written for server" in done.stdout


def test_json_has_every_session_and_what_was_written(done: Done) -> None:
    (capture,) = done.document["captures"]
    assert [entry["state"] for entry in capture["decryption"]["table"]] == [
        "decrypted",
        "decrypted",
        "decrypted",
        "closed",
    ]
    assert capture["written"]["file"] == str(done.path)
    assert capture["written"]["conversations"] == 3


def test_wireproof_reads_the_clear_capture_as_plain_http(done: Done) -> None:
    with Report(open_case([str(done.path)])) as report:
        heads = list(report.case.points[0].said.http)
        assert [head.status for head in heads if head.status] == [200, 200, 500]


def test_tshark_reads_the_same_messages_from_the_clear_capture_as_with_the_keys(
    done: Done, program: Callable[[str], str]
) -> None:
    fields = (
        "-Y",
        "http",
        "-T",
        "fields",
        "-e",
        "http.request.uri",
        "-e",
        "http.response.code",
        "-e",
        "http.file_data",
    )
    keys = ("-o", f"tls.keylog_file:{LOG}", "-o", f'uat:rsa_keys:"{PFX}","not-a-secret"')
    command = (program("tshark"), *keys, *fields, "-r")
    its, ours = (
        subprocess.run([*command, str(path)], capture_output=True, check=True).stdout for path in (CAPTURE, done.path)
    )
    assert its.count(b"\n") == 6
    assert ours == its


def test_no_key_and_no_password_is_in_what_is_written(done: Done) -> None:
    everything = (done.text + json.dumps(done.document)).encode() + done.path.read_bytes()
    secrets = [word for line in LOG.read_text().splitlines()[1:] for word in line.split()[2:]]
    assert len(secrets) == 5
    assert [secret for secret in secrets if secret.encode() in everything or bytes.fromhex(secret) in everything] == []
    assert b"not-a-secret" not in everything


def test_less_can_be_written_with_other_ports_and_without_credentials(done: Done, tmp_path: Path) -> None:
    less = tmp_path / "less.pcapng"
    run("decrypt", CAPTURE, *KEYS, "-o", less, "--only-decrypted", "--map-port", "443=80", "--redact")
    with Report(open_case([str(less)])) as report:
        talks = report.case.points[0].conversations
        assert [talks[number].server_endpoint for number in range(len(talks))] == ["203.0.113.10:80"] * 3
    for secret in (b"5f0c1d7e2a9b4c36", b"Y2xlcms6aHVudGVyMg=="):
        assert secret in done.path.read_bytes()
        assert secret not in less.read_bytes()
    assert b"/orders" in less.read_bytes()


def test_several_captures_are_written_into_a_folder(tmp_path: Path) -> None:
    shutil.copy(CAPTURE, tmp_path / "client.pcapng")
    done = run("decrypt", CAPTURE, tmp_path / "client.pcapng", *KEYS, "-o", tmp_path / "clear")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "clear").iterdir()) == [
        "client.clear.pcapng",
        "server.clear.pcapng",
    ]


def test_one_capture_goes_into_a_folder_that_is_there(tmp_path: Path) -> None:
    points = verdicts.open_case({"server": CAPTURE}).points
    assert name_files(points, str(tmp_path)) == [tmp_path / "server.clear.pcapng"]
    assert name_files(points, str(tmp_path / "new.pcapng")) == [tmp_path / "new.pcapng"]
    # Whoever ends a name so means a folder, one that is not there yet too.
    assert name_files(points, f"{tmp_path}/new/") == [tmp_path / "new" / "server.clear.pcapng"]


def test_a_file_is_no_folder_for_several_captures(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    points = verdicts.open_case({"server": CAPTURE}).points
    with pytest.raises(OutputError, match="it is a file"):
        name_files(points * 2, str(tmp_path / "file"))


def test_a_capture_without_tls_needs_no_key(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "plain.pcap", spaced(said([("client", b"GET / HTTP/1.0\r\n\r\n")])))
    done = run("decrypt", path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"no TLS session" in done.stdout


# --- what is refused -------------------------------------------------------------------------------------------------


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    copy = shutil.copy(CAPTURE, tmp_path / "server.pcapng")
    done = run("decrypt", copy, *KEYS, "-o", copy)
    assert done.returncode == 2
    assert Path(copy).read_bytes() == CAPTURE.read_bytes()
    # What could be told is told all the same.
    assert b"3 of 4" in done.stdout


def test_a_wrong_password_exits_with_2_and_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    done = run("decrypt", CAPTURE, "--key", PFX, "--password-file", tmp_path / "password")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"throwaway-key.pfx" in done.stderr
    assert b"hunter2" not in done.stderr


def test_an_option_about_the_file_needs_a_file() -> None:
    done = run("decrypt", CAPTURE, "--redact")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--redact" in done.stderr
    for only_decrypted, ports in ((True, None), (False, ["443=80"])):
        with pytest.raises(typer.BadParameter):
            check_options(None, only_decrypted, ports, False)


@pytest.mark.parametrize("words", ["443", "443=", "443=http", "0=80", "443=65536", "=", "443=80=81", "٤=80"])
def test_a_port_mapping_is_two_ports(words: str) -> None:
    with pytest.raises(typer.BadParameter):
        read_ports([words])


def test_port_mappings_add_up_and_must_not_contradict() -> None:
    assert read_ports(["443=80", "8443=80", "443=80"]) == {443: 80, 8443: 80}
    with pytest.raises(typer.BadParameter):
        read_ports(["443=80", "443=81"])


def test_without_options_about_the_file_none_is_needed() -> None:
    check_options(None, False, None, False)
    check_options("a", True, ["443=80"], True)


@pytest.mark.parametrize("output", ["", "  ", "-", "a.zip", "a.pcapng.zst", "b/a.XZ"])
def test_a_name_that_no_capture_can_be_written_to_is_refused_before_anything_is_read(output: str) -> None:
    done = run("decrypt", "no such capture", "-o", output)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--output" in done.stderr


@pytest.mark.parametrize(("output", "why"), [("none/a.pcapng", "there is no folder"), ("file/", "it is a file")])
def test_a_place_that_takes_no_file_is_told(tmp_path: Path, output: str, why: str) -> None:
    (tmp_path / "file").touch()
    done = run("decrypt", CAPTURE, *KEYS, "-o", f"{tmp_path}/{output}")
    assert done.returncode == 2
    assert why in done.stderr.decode()


@pytest.mark.parametrize("together", [False, True])
def test_a_certificate_alone_is_no_key(tmp_path: Path, together: bool) -> None:
    (tmp_path / "server.cer").write_bytes(certificate_bytes())
    done = run("decrypt", CAPTURE, "--key", tmp_path / "server.cer", *(KEYS if together else ()))
    if together:
        assert (done.returncode, done.stderr) == (0, b"")
        assert "holds a certificate and no private key" in " ".join(done.stdout.decode().split())
    else:
        assert done.returncode == 2
        assert b"server.cer holds a certificate and no private key" in done.stderr
        assert b"PFX" in done.stderr
        assert b"0 of 4" in done.stdout


def test_a_certificate_beside_a_locked_key_asks_for_the_password(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_bytes(certificate_bytes() + private_bytes(rsa_key(), password=PASSWORD))
    done = run("decrypt", CAPTURE, "--key", tmp_path / "both.pem")
    assert done.returncode == 2
    assert b"the password is missing" in done.stderr


def test_names_of_captures_become_names_of_files() -> None:
    assert safe_name("client") == "client"
    assert safe_name('a/b\\c:d*"<>|?') == "a_b_c_d______"
    assert safe_name("..") == "capture"


# --- on a terminal ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 160])
def test_lines_fit_the_terminal(columns: int) -> None:
    shown, code = run_on_terminal("decrypt", CAPTURE, *KEYS, columns=columns, env={"NO_COLOR": "1"})
    assert code == 0
    assert max(len(line.rstrip("\r")) for line in shown.split("\n") if "\x1b" not in line) <= columns


def test_exit_codes_follow_what_was_decrypted() -> None:
    (item,) = make_captures(verdicts.open_case({"server": CAPTURE}))
    ended = closed(1, Reason.NOT_FINISHED)
    tables = {
        0: [mixed(), SessionTable("a", "a", ()), SessionTable("a", "a", (ended,))],
        1: [SessionTable("a", "a", (closed(1), ended))],
        2: [SessionTable("a", "a", (), failed=True)],
    }
    for code, every in tables.items():
        assert {exit_code(Decrypted([(item, table)])) for table in every} == {code}
