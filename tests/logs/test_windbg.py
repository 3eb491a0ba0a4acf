"""Security descriptors as `!sd` prints them and in SDDL, beside tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d20_named_pipe as pipe
from wireproof.logs import read_logs, windbg
from wireproof.logs.text import LogText
from wireproof.logs.windbg import WindbgLog, find
from wireproof.wire.security import ALLOW, DENY, LABEL, OTHER


def read(text: str) -> WindbgLog:
    log = find(LogText("a.txt", text.splitlines()))
    assert log is not None
    return log


def test_the_pipes_descriptor() -> None:
    log = read(pipe.TEXT)
    (descriptor,) = log.descriptors
    assert (descriptor.owner, descriptor.line, descriptor.sacl_line) == ("S-1-5-32-544", 29, 62)
    assert [(ace.kind, ace.mask, ace.sid) for ace in descriptor.dacl or ()] == [
        (ALLOW, 0x1F01FF, "S-1-5-32-544"),
        (ALLOW, 0x1F01FF, "S-1-5-7"),
        (ALLOW, 0x120089, "S-1-1-0"),
        (ALLOW, 0x1F01FF, "S-1-5-18"),
    ]
    assert (descriptor.sacl, descriptor.cut, descriptor.level) == (None, False, (8192, 1))
    assert (len(log.tokens), log.about_pipes) == (2, True)


def test_a_label_and_an_entry_that_denies() -> None:
    (descriptor,) = read(pipe.labelled(4096).replace("ACCESS_ALLOWED", "ACCESS_DENIED", 1)).descriptors
    assert (descriptor.level, descriptor.label_told) == ((4096, 1), True)
    assert [ace.kind for ace in descriptor.sacl or ()] == [LABEL]
    assert (descriptor.dacl or ())[0].kind == DENY


def test_all_on_one_line_is_the_same() -> None:
    (apart,), (together,) = (read(text).descriptors for text in (pipe.PIPE, " ".join(pipe.PIPE.split("\n"))))
    assert [(ace.kind, ace.mask, ace.sid) for ace in together.dacl or ()] == [
        (ace.kind, ace.mask, ace.sid) for ace in apart.dacl or ()
    ]
    assert together.sacl_line == 1


def test_missing_lines_are_told() -> None:
    assert read(pipe.PIPE.replace("->Dacl : ->Ace[2]: ->Mask : 0x00120089\n", "")).descriptors[0].cut
    head = pipe.PIPE.split("->Dacl :\n", maxsplit=1)[0]
    (bare,) = read(head).descriptors
    assert (bare.cut, bare.dacl, bare.label_told) == (True, (), False)


def test_no_dacl_is_another_thing_than_an_empty_one() -> None:
    head, _, _ = pipe.PIPE.partition("->Dacl :\n")
    assert read(f"{head}->Dacl : is NULL\n->Sacl : is NULL\n").descriptors[0].dacl is None
    assert read(f"{head}->Dacl : ->AceCount : 0x0\n->Sacl : is NULL\n").descriptors[0].dacl == ()


def test_an_unknown_kind_of_entry_is_kept_as_such() -> None:
    (descriptor,) = read(
        pipe.PIPE.replace("ACCESS_ALLOWED_ACE_TYPE", "ACCESS_ALLOWED_CALLBACK_ACE_TYPE", 1)
    ).descriptors
    assert (descriptor.dacl or ())[0].kind == OTHER


def test_sddl_in_a_line_of_its_own_is_read_with_its_line_and_a_label_alone_is_no_descriptor() -> None:
    log = read("\\pipe\\x:\nO:BAG:SYD:(A;;FA;;;AN)S:(ML;;NW;;;LW)\nS:(ML;;NW;;;S-1-16-0)")
    assert [(one.line, one.level) for one in log.descriptors] == [(2, (4096, 1))]
    assert find(LogText("a", ["S:(ML;;NW;;;S-1-16-0)"])) is None


def test_the_reader_is_found_by_the_texts_sign() -> None:
    for text in (pipe.TEXT, pipe.PIPE, pipe.UNTRUSTED, "D:(A;;FA;;;AN)"):
        assert [type(log) for log in read_logs(text.encode("utf-16"), "a.txt")] == [WindbgLog]
    assert read_logs(b"The user: somebody. Case D: (A) was closed.", "a.txt") == []


@given(st.data())
def test_damage_does_no_harm(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([pipe.TEXT, pipe.labelled(0)]))
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    text = whole[:begin] + data.draw(st.text(max_size=30)) + whole[end:]
    log = find(LogText("a.txt", text.splitlines()))
    for descriptor in log.descriptors if log else ():
        assert all(0 <= ace.mask < 1 << 32 and ace.sid.startswith("S-1-") for ace in descriptor.dacl or ())


def test_descriptors_beyond_the_limit_leave_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windbg, "FOUND_MOST", 2)
    log = read("D:(A;;FA;;;AN)\n" * 4)
    assert (len(log.descriptors), log.notes) == (
        2,
        ["tokens and descriptors are read up to line 2, 2 of a kind at most; what follows was not read"],
    )
