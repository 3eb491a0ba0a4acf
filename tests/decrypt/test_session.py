"""Sessions written message by message: compression, old hellos, short MACs, changes of keys, bytes in clear behind TLS."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.opened import Opened, open_written, ring_of
from tests.support.talk import Close, Send, Step
from tests.support.tds_talks import BATCH, LOGIN7, PRELOGIN, RESPONSE, batch, login, packets, prelogin
from tests.support.tls_captures import write_sessions
from tests.support.tls_handshakes import TLS12, TLS13
from tests.support.tls_lab import WEB, Session, Setup, play
from tests.support.tls_scripts import Script
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Reason, Status
from wireproof.limits import LIMITS, override

QUESTION, ANSWER = (
    b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes" * 40,
)


def talk(script: Script, turns: int = 3) -> Script:
    for _ in range(turns):
        script.say("client", QUESTION)
        script.say("server", ANSWER)
    return script


def opened(folder: Path, *scripts: Script, ring: KeyRing | None = None) -> list[Opened]:
    return open_written(write_sessions(folder / "scripts.pcapng", [one.session() for one in scripts]), ring)


def script(**options: object) -> Script:
    made = Script(**options)  # type: ignore[arg-type]
    made.hellos()
    return made


@pytest.mark.parametrize(
    "options",
    [
        {"compression": 1},
        {"compression": 1, "suite": 0x002F, "version": 0x0301},
        {"suite": 0x003C, "agreed": ((4, b""),)},
        {"suite": 0x0005, "agreed": ((4, b""),)},
        {"suite": 0x002F, "version": 0x0302, "agreed": ((22, b""),)},
        {"in_old_form": True, "version": 0x0300, "suite": 0x000A},
        {"in_old_form": True, "version": 0x0301, "suite": 0x0005},
        {"suite": 0x0002},
        {"suite": 0x0002, "agreed": ((4, b""),)},
    ],
    ids=["deflate GCM", "deflate CBC", "short MAC CBC", "short MAC RC4", "encrypt-then-MAC", "old hello SSL 3.0", "old hello TLS 1.0", "NULL", "NULL short"],
)  # fmt: skip
def test_a_session_opens(tmp_path: Path, options: dict[str, object]) -> None:
    (found,) = opened(tmp_path, talk(script(**options).finish()))
    assert found.whole, found.told()


def test_null_suites_need_no_key(tmp_path: Path) -> None:
    scripts = [talk(script(suite=0x0002).finish()), talk(script(suite=0x003B, agreed=((4, b""),)).finish())]
    for found in opened(tmp_path, *scripts, ring=KeyRing()):
        assert found.whole, found.told()
        assert found.outcome.key == ""


def test_integrity_only_suites_of_tls_1_3_need_no_key(tmp_path: Path) -> None:
    written = talk(script(version=0x0304, suite=0xC0B4).finish_13())
    (found,) = opened(tmp_path, written, ring=ring_of(Script().key_log))
    assert found.whole, found.told()


def test_every_key_update_is_followed(tmp_path: Path) -> None:
    written = talk(script(version=0x0304, suite=0x1301).finish_13(), 1)
    for turn in range(6):
        written.update("client" if turn % 3 else "server")
        talk(written, 1)
    (found,) = opened(tmp_path, written)
    assert found.whole, found.told()
    assert found.outcome.records == 14


def test_a_ticket_in_the_capture_opens_what_resumes_with_it(tmp_path: Path) -> None:
    ticket, other = b"ticket" * 20, b"another" * 20
    first = talk(script().finish(ticket=ticket))
    later = talk(script(offered_ticket=ticket, session_id=b"made up", client_random=bytes(32)).finish(resumed=True))
    closed = talk(script(offered_ticket=other, client_random=bytes(32)).finish(resumed=True))
    found = opened(tmp_path, first, later, closed, ring=ring_of(first.key_log))
    assert [one.whole for one in found] == [True, True, False]
    assert [one.outcome.resumed for one in found] == [False, True, False]
    assert found[2].outcome.reason is Reason.RESUMED


def test_a_ticket_that_is_renewed_opens_the_next_session(tmp_path: Path) -> None:
    old, new = b"ticket" * 20, b"newer" * 20
    first = talk(script().finish(ticket=old))
    later = talk(script(offered_ticket=old, client_random=bytes(32)).finish(resumed=True, ticket=new))
    last = talk(script(offered_ticket=new, client_random=bytes(31) + b"1").finish(resumed=True))
    found = opened(tmp_path, first, later, last, ring=ring_of(first.key_log))
    assert [one.whole for one in found] == [True, True, True]


# --- bytes in clear behind TLS -----------------------------------------------------------------------------------------


def in_tds(by_script: Script) -> list[Step]:
    """The handshake in packets of TDS, as SQL Server has it, and what follows as it is."""
    steps: list[Step] = [Send("client", packets(PRELOGIN, prelogin(0))), Send("server", packets(RESPONSE, prelogin(0)))]
    for step in by_script.steps:
        assert isinstance(step, Send)
        assert isinstance(step.data, bytes)
        steps.append(Send(step.by, packets(PRELOGIN, step.data) if step.data[0] != 23 else step.data))
    return steps


def test_what_follows_an_encrypted_login_in_clear_stands_in_the_clear_stream(tmp_path: Path) -> None:
    login_packet = packets(LOGIN7, login("PC1", "sa", "app", "SQL1", "master"))
    query, answer = packets(BATCH, batch("select 1")), packets(RESPONSE, bytes(600))
    written = script().finish()
    written.say("client", login_packet)
    steps = in_tds(written)
    steps += [Send("server", answer), Send("client", query), Send("server", answer)]
    session = replace(written.session(), steps=tuple(steps), said=(login_packet + query, answer * 2))
    capture = write_sessions(tmp_path / "tds.pcapng", [session], port=1433)
    (found,) = open_written(capture)
    assert found.whole, found.told()
    tables = read_capture(capture.path)
    with tables.capture:
        (opened_talk,) = open_tls(tables, ring_of(session.key_log)).talks.values()
    client, server = session.wire("client"), session.wire("server")
    assert opened_talk.inside == "tds"
    assert client[opened_talk.ends[0] :] == query
    assert server[opened_talk.ends[1] :] == answer * 2
    # Each plain packet is a piece with its own row.
    assert len(opened_talk.streams[1].starts) == 2
    assert len(set(opened_talk.streams[1].piece_rows.tolist())) == 2


def test_compressed_data_that_there_is_no_room_for_is_named(tmp_path: Path) -> None:
    override("decrypt.kept_bytes", 1000)
    try:
        (found,) = opened(tmp_path, talk(script(compression=1).finish()))
    finally:
        override("decrypt.kept_bytes", LIMITS["decrypt.kept_bytes"].default)
    assert found.outcome.reason is Reason.TOO_MUCH, found.told()
    assert 0 < sum(map(len, found.said)) <= 1000
    assert found.true


@pytest.mark.parametrize("keys", [True, False], ids=["with its keys", "without keys"])
def test_what_follows_a_session_that_nobody_encrypted_stands_in_the_clear_stream(tmp_path: Path, keys: bool) -> None:
    behind = b"200 and on in clear\r\n" * 3
    written = talk(script(suite=0x003B).finish())
    written.raw("server", behind)
    session = written.session()
    client, server = session.said
    capture = write_sessions(tmp_path / "null.pcapng", [replace(session, said=(client, server + behind))])
    (found,) = open_written(capture, ring_of(session.key_log) if keys else KeyRing())
    assert found.whole, found.told()
    tables = read_capture(capture.path)
    with tables.capture:
        (opened_talk,) = open_tls(tables, KeyRing()).talks.values()
    assert session.wire("server")[opened_talk.ends[1] :] == behind
    assert opened_talk.ends[0] == -1


def test_other_bytes_between_records_that_nobody_encrypted_are_told(tmp_path: Path) -> None:
    written = talk(script(suite=0x003B).finish())
    written.raw("server", b"no record")
    written.say("server", ANSWER)
    (found,) = opened(tmp_path, written, ring=KeyRing())
    assert found.outcome.reason is Reason.TAMPERED
    assert "no TLS record" in found.outcome.text


# --- sessions one behind the other --------------------------------------------------------------------------------------

OTHER = (("client", b"GET /second HTTP/1.1\r\n\r\n"), ("server", b"HTTP/1.1 204 No Content\r\n\r\n"))


def joined(first: Session, second: Session) -> Session:
    """Two sessions in one connection: the second begins where both sides have said goodbye to the first."""
    steps = [step for one in (first, second) for step in one.steps if not isinstance(step, Close)]
    said = first.said[0] + second.said[0], first.said[1] + second.said[1]
    return replace(first, steps=(*steps, Close("client")), said=said, key_log=first.key_log + second.key_log)


def opened_two(folder: Path, first: Session, second: Session, ring: KeyRing | None = None) -> Opened:
    (found,) = open_written(write_sessions(folder / "two.pcapng", [joined(first, second)]), ring)
    return found


@pytest.mark.parametrize("versions", [(TLS12, TLS12), (TLS13, TLS13), (TLS12, TLS13), (TLS13, TLS12)], ids=str)
def test_both_sessions_of_one_connection_are_read(tmp_path: Path, versions: tuple[ssl.TLSVersion, ...]) -> None:
    first, second = (
        play(Setup(version=version), writes) for version, writes in zip(versions, (WEB, OTHER), strict=True)
    )
    found = opened_two(tmp_path, first, second)
    assert found.whole, found.told()
    assert found.outcome.sessions == 2


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=str)
@pytest.mark.parametrize("known", [0, 1])
def test_a_session_without_keys_leaves_the_other_one_open(tmp_path: Path, version: ssl.TLSVersion, known: int) -> None:
    both = play(Setup(version=version), WEB), play(Setup(version=version), OTHER)
    found = opened_two(tmp_path, *both, ring=ring_of(both[known].key_log))
    assert found.outcome.status is Status.PARTLY
    assert found.outcome.reason is Reason.FORWARD_SECRECY, found.told()
    assert found.outcome.sessions == 2
    assert found.said == both[known].said


def test_without_their_keys_both_are_counted(tmp_path: Path) -> None:
    both = play(Setup(), WEB), play(Setup(version=TLS13), OTHER)
    found = opened_two(tmp_path, *both, ring=ring_of(play(Setup()).key_log))
    assert found.outcome.status is Status.CLOSED
    assert found.outcome.sessions == 2
