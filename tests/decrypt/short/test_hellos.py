"""What both sides agreed on is what a whole `Handshake` tells of the same bytes."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.decrypt.test_session import script
from tests.support import tls_lab
from tests.support.tls_captures import write_sessions
from tests.support.tls_handshakes import TLS12, TLS13
from tests.support.tls_lab import Session, Setup
from wireproof.conversations import read_capture
from wireproof.decrypt.handshake_parts import CERTIFICATE
from wireproof.decrypt.short import hellos
from wireproof.decrypt.short.hellos import Agreed, Hellos
from wireproof.streams.streams import open_groups


def agreed_in(folder: Path, *sessions: Session, head: int = 16_384) -> list[Agreed | None]:
    written = write_sessions(folder / "sessions.pcapng", sessions)
    tables = read_capture(written.path)
    with tables.capture:
        (group,) = open_groups(tables, range(len(tables.conversations)), head)
        found = Hellos(group, group.ends)
        asked = [found.asked(place) for place in range(len(group))]
        found.read_on([place for place, named in enumerate(asked) if named])
        agreed = [found.agreed(place) if named else None for place, named in enumerate(asked)]
    for one, named in zip(agreed, asked, strict=True):
        assert one is None or (one.random, one.suite) == named
    return agreed


@pytest.mark.parametrize("head", [16_384, 300], ids=["all in memory", "read on"])
def test_it_is_what_the_whole_handshake_tells(tmp_path: Path, head: int) -> None:
    setups = [
        Setup(version=TLS13),
        Setup(version=TLS12, suite="AES128-SHA"),
        Setup(version=TLS12, options=ssl.OP_NO_TICKET),
    ]
    for one in agreed_in(tmp_path, *map(tls_lab.play, setups), head=head):
        assert one is not None
        whole = one.handshake
        assert (one.version, one.named, one.suite) == (whole.version, whole.draft, whole.suite)
        assert (one.random, one.server_random) == (whole.client_random, whole.server_random)
        assert (one.is_full, one.tickets) == (whole.is_full, whole.tickets)
        assert whole.client_hello is not None
        assert whole.server_hello is not None
        assert one.server_name == whole.client_hello.hello.server_name
        assert one.session_id == whole.server_hello.hello.session_id
        assert set(one.extensions) == set(whole.server_hello.extensions)
        assert (CERTIFICATE in whole.kinds) == (one.version < 0x0304)


def test_a_resumed_handshake_exchanges_no_keys(tmp_path: Path) -> None:
    full, resumed = agreed_in(tmp_path, *tls_lab.play_resumed(Setup(version=TLS12, suite="AES128-SHA")))
    assert full is not None
    assert resumed is not None
    assert full.is_full
    assert full.tickets
    assert not resumed.is_full


def test_what_is_compressed_or_has_no_key_of_its_own_is_not_usual(tmp_path: Path) -> None:
    unusual = [
        script(compression=1).finish(),
        script(suite=0x0002).finish(),
        script(in_old_form=True, version=0x0301, suite=5).finish(),
    ]
    assert agreed_in(tmp_path, *(one.session() for one in unusual)) == [None] * 3


def test_a_long_session_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = tls_lab.play(Setup())
    longest = max(len(session.wire("client")), len(session.wire("server")))
    monkeypatch.setattr(hellos, "SHORT", longest)
    assert agreed_in(tmp_path, session) != [None]
    monkeypatch.setattr(hellos, "SHORT", longest - 1)
    assert agreed_in(tmp_path, session) == [None]
