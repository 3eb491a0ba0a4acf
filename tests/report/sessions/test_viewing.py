"""QUIC that was read and is not written in clear comes with a command that shows it."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.dtls_lab import in_frames
from tests.support.files import pcapng_bytes, write_bytes
from tests.support.quic_lab import QuicLab, stream
from tests.support.tables import spaced
from wireproof.case import Point
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.keys.files import read_keys
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.report.sessions.viewing import View, find_views


def lab() -> QuicLab:
    made = QuicLab()
    made.shake()
    made.say("client", stream(0, b"what is asked", last=True))
    return made


def views_of(capture: Path, log: bytes, name: str) -> list[View]:
    ring = KeyRing()
    if log:
        read_keys(log, name).add_to(ring, name)
    tables = read_capture(capture)
    with tables.capture:
        clear = open_tls(tables, ring, every=True)
        return list(find_views([Point("the client", str(capture), tables, clear=clear)]))


def test_the_command_can_be_run_as_it_is(tmp_path: Path, program: Callable[[str], str]) -> None:
    made = lab()
    log = write_bytes(tmp_path / "key log.txt", made.key_log)
    capture = write_bytes(tmp_path / "a b.pcapng", pcapng_bytes(spaced(in_frames(made.sent, server_port=443))))
    (view,) = views_of(capture, made.key_log, str(log))
    assert "1 QUIC connection of the client was read" in view.text
    words = shlex.split(view.command)
    assert words[:3] == ["editcap", "--inject-secrets", f"tls,{log}"]
    assert words[3:] == [str(capture), "the client.secrets.pcapng"]
    subprocess.run([program(words[0]), *words[1:]], cwd=tmp_path, check=True, capture_output=True)
    assert made.key_log in (tmp_path / words[-1]).read_bytes()


def test_secrets_in_the_capture_need_no_command(tmp_path: Path) -> None:
    made = lab()
    capture = write_bytes(tmp_path / "a.pcapng", pcapng_bytes(spaced(in_frames(made.sent, server_port=443))))
    (view,) = views_of(capture, made.key_log, f"{capture} (embedded)")
    assert "in the capture itself" in view.text
    assert view.command == ""


def test_what_stays_closed_has_no_view(tmp_path: Path) -> None:
    made = lab()
    capture = write_bytes(tmp_path / "a.pcapng", pcapng_bytes(spaced(in_frames(made.sent, server_port=443))))
    assert views_of(capture, b"", "") == []
