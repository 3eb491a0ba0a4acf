"""Options for keys: servers are read strictly, passwords come from a file or a terminal, and never from the environment."""

from __future__ import annotations

import getpass
import ipaddress
import sys
import warnings
from pathlib import Path

import pytest

from tests.support.keys import PASSWORD, log_line, pfx, write
from tests.support.terminal import run, type_on_terminal
from tests.support.tls_captures import write_sessions
from tests.support.tls_lab import Setup, lab
from wireproof.cli import key_options
from wireproof.cli.key_options import ask_password, choose_keys, read_server
from wireproof.errors import KeyMaterialError


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("10.1.1.9:443", "::ffff:10.1.1.9", 443),
        ("[2001:db8::9]:8443", "2001:db8::9", 8443),
        (" [::1]:1 ", "::1", 1),
        ("[::ffff:10.1.1.9]:65535", "::ffff:10.1.1.9", 65535),
    ],
)
def test_a_server_is_an_address_and_a_port(text: str, address: str, port: int) -> None:
    assert read_server(text) == (ipaddress.IPv6Address(address).packed, port)


@pytest.mark.parametrize(
    "text",
    ["", "10.1.1.9", "10.1.1.9:", ":443", "10.1.1.9:0", "10.1.1.9:65536", "10.1.1:443", "2001:db8::9:443", "[10.1.1.9]:x",
     "www.example.com:443", "[fe80::1%eth0]:443", "[2001:db8::9]443"],
)  # fmt: skip
def test_what_is_no_server_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(KeyMaterialError, match=r"--server takes IP:PORT, such as 10\.1\.1\.9:443 or \[2001"):
        read_server(text)


def test_options_become_keys(tmp_path: Path) -> None:
    chosen = choose_keys(["a.pfx"], write(tmp_path, "secret", b"one\ntwo\n"), ["10.1.1.9:443"], ["x.pcap"])
    assert (chosen.files, chosen.passwords.given) == (("a.pfx",), ["one", "two"])
    assert chosen.servers == {read_server("10.1.1.9:443")}
    assert chosen.passwords.ask is None


@pytest.mark.parametrize(
    ("terminal", "inputs", "asks"), [(True, ["x.pcap"], True), (True, ["-"], False), (False, ["x.pcap"], False)]
)
def test_a_user_is_asked_only_on_a_terminal_that_is_no_capture(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, inputs: list[str], asks: bool
) -> None:
    monkeypatch.setattr(key_options, "is_terminal", lambda: terminal)
    assert (choose_keys(None, None, None, inputs).passwords.ask is not None) is asks


def test_where_typing_can_not_be_hidden_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(_prompt: str, stream: object = None) -> str:
        warnings.warn("echo", getpass.GetPassWarning, stacklevel=2)
        return "seen by all"

    monkeypatch.setattr(getpass, "getpass", shown)
    assert ask_password("a.pfx") is None


def test_whoever_typed_a_wrong_password_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def typed(prompt: str, stream: object = None) -> str:
        asked.append(prompt)
        return "word"

    monkeypatch.setattr(getpass, "getpass", typed)
    assert [ask_password("a.pfx"), ask_password("a.pfx", True)] == ["word", "word"]
    assert asked == ["Password of a.pfx: ", "That does not open it. Password of a.pfx: "]


def test_a_closed_terminal_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_prompt: str, stream: object = None) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", gone)
    assert ask_password("a.pfx") is None


# --- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one sealed session, its key log, and keys of nobody."""
    folder = tmp_path_factory.mktemp("case")
    with lab(Setup(suite="AES128-SHA")) as opened:
        session = opened.play()
    write_sessions(folder / "client.pcapng", [session])
    write(folder, "good.log", session.key_log)
    write(folder, "server.pem", session.private_key)
    write(folder, "locked.pfx", pfx())
    write(folder, "password", PASSWORD.encode())
    write(folder, "wrong", b"Hush-99")
    write(folder, "other.log", log_line())
    return folder


@pytest.mark.parametrize("key", ["good.log", "server.pem"])
def test_messages_inside_are_shown_with_a_key(case: Path, key: str) -> None:
    done = run("show", case / "client.pcapng", "--messages", "http", "--key", case / key)
    assert done.returncode == 0
    assert b"/index.html" in done.stdout
    assert b"/index.html" not in run("show", case / "client.pcapng", "--messages", "http").stdout


def test_a_server_limits_a_private_key(case: Path) -> None:
    words = ("show", case / "client.pcapng", "--messages", "http", "--key", case / "server.pem", "--server")
    assert b"/index.html" in run(*words, "10.9.0.2:443").stdout
    assert b"/index.html" not in run(*words, "10.9.0.2:8443").stdout


def test_check_and_compare_take_keys_too(case: Path) -> None:
    capture = case / "client.pcapng"
    checked = run("check", capture, "--key", case / "good.log")
    assert checked.returncode == 0
    assert b"good.log" in checked.stdout
    compared = run("compare", capture, capture, "--key", case / "good.log", "--format", "json")
    assert compared.returncode == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--key", "gone.pfx"), "gone.pfx does not exist"),
        (("--key", "client.pcapng"), "client.pcapng holds no key"),
        (("--key", "locked.pfx"), "locked.pfx is encrypted and no password was given"),
        (
            ("--key", "locked.pfx", "--password-file", "wrong"),
            "locked.pfx is encrypted and the password given does not",
        ),
        (("--password-file", "gone"), "the password file gone can't be read"),
        (("--server", "nowhere"), "--server takes IP:PORT"),
    ],
)
@pytest.mark.parametrize("command", ["check", "show", "compare"])
def test_keys_that_can_not_be_used_exit_with_2_and_one_sentence(
    case: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: tuple[str, ...], why: str
) -> None:
    monkeypatch.chdir(case)
    done = run(command, *["client.pcapng"] * (1 + (command == "compare")), *words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(f"wireproof: {why}")
    assert done.stderr.count(b"\n") == 1
    assert b"Hush" not in done.stderr


def test_a_password_file_opens_a_locked_key(case: Path) -> None:
    done = run("check", case / "client.pcapng", "--key", case / "locked.pfx", "--password-file", case / "password")
    assert done.returncode == 0
    assert b"locked.pfx" in done.stdout


def test_the_environment_gives_no_password(case: Path) -> None:
    secret = dict.fromkeys(("WIREPROOF_PASSWORD", "WIREPROOF_KEY_PASSWORD", "WIREPROOF_PASSWORD_FILE"), PASSWORD)
    assert run("check", case / "client.pcapng", "--key", case / "locked.pfx", env=secret).returncode == 2


def test_a_terminal_is_asked_and_shows_nothing_of_what_is_typed(case: Path) -> None:
    words = ("show", case / "client.pcapng", "--key", case / "locked.pfx")
    shown, code = type_on_terminal(*words, lines=["wrong-one", PASSWORD])
    assert code == 0
    assert shown.count("Password of ") == 2
    assert "locked.pfx" in shown
    assert PASSWORD not in shown
    assert "wrong-one" not in shown


def test_a_terminal_where_nothing_is_typed_ends_the_command(case: Path) -> None:
    shown, code = type_on_terminal("show", case / "client.pcapng", "--key", case / "locked.pfx", lines=[""])
    assert code == 2
    assert "no password was given" in shown


def test_nobody_is_asked_about_keys_that_a_folder_holds(case: Path) -> None:
    shown, code = type_on_terminal("show", case, lines=[])
    assert code == 0
    assert "Password of" not in shown
    assert "locked.pfx is encrypted" in shown


def test_without_keys_a_command_loads_no_cryptography(case: Path) -> None:
    code = "import sys; sys.argv[1:] = ['check', sys.argv[1]]\nfrom wireproof.cli import main\ntry: main()\n"
    code += "except SystemExit: print('loaded' if 'cryptography' in sys.modules else 'not loaded')"
    import subprocess

    done = subprocess.run([sys.executable, "-c", code, case / "client.pcapng"], capture_output=True, check=False)
    assert done.stdout.endswith(b"not loaded\n")
