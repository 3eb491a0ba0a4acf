"""Sessions as rows: frames instead of packet rows, reasons grouped, keys with what they were good for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.support.sessions import CLOSED, OPENED
from wireproof.case import Case
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.report.sessions.outline import find_decryption, find_sessions


def test_a_row_has_endpoints_frames_and_names(case: Case) -> None:
    first, second = find_sessions(case)[0].rows
    assert (first.number, first.frame, first.client, first.server) == (1, 4, "198.51.100.23:50112", "203.0.113.10:443")
    assert (first.version, first.suite_title, first.opened) == ("TLS 1.2", "RSA AES_128_GCM", True)
    assert (second.number, second.conversation, second.frame, second.reason_frame) == (2, 3, 57, 61)


def test_who_is_the_client_stays_as_it_was_when_the_session_was_opened(case: Case) -> None:
    before = [(row.client, row.server) for row in find_sessions(case)[0].rows]
    (table,) = find_sessions(case)
    case.points[0].conversations.swap_clients(np.arange(len(case.points[0].conversations)))
    assert [(row.client, row.server) for row in table.rows] == before


def test_sessions_are_counted_as_their_rows_say(case: Case) -> None:
    (table,) = find_sessions(case)
    assert list(table.kinds) == [row.kind for row in table.rows]


def test_what_is_unknown_stays_empty(case: Case) -> None:
    case.points[0].clear = Clear(outcomes=[Outcome(conversation=1, status=Status.CLOSED, reason=Reason.NO_HANDSHAKE)])
    (row,) = find_sessions(case)[0].rows
    assert (row.version, row.suite, row.suite_title, row.frame, row.reason_frame) == ("", "", "", 0, 0)


def test_a_capture_that_a_defect_kept_from_being_looked_at_says_so(case: Case) -> None:
    case.points[0].clear = None
    (table,) = find_sessions(case)
    assert (table.failed, table.rows) == (True, ())


def test_a_handshake_that_ended_early_needs_no_key(case: Case) -> None:
    ended = Outcome(conversation=2, status=Status.CLOSED, reason=Reason.NOT_FINISHED)
    case.points[0].clear = Clear(outcomes=[OPENED, CLOSED, ended])
    assert find_sessions(case)[0].needed == 2


def test_the_certificate_whose_key_is_missing_is_named(case: Case) -> None:
    missing = replace(OPENED, status=Status.CLOSED, reason=Reason.NO_KEY, key="")
    case.points[0].clear = Clear(outcomes=[missing, CLOSED])
    (table,) = find_sessions(case)
    first, second = table.rows
    assert (first.certificate, len(first.thumbprint), second.certificate) == ("shop.example.com", 40, "")
    groups = {group.reason: group.certificates for group in table.groups}
    assert groups == {Reason.NO_KEY: {("shop.example.com", first.thumbprint): 1}, Reason.FORWARD_SECRECY: {}}


def test_a_report_says_nothing_without_keys_and_without_anything_read(case: Case) -> None:
    case.keys = None
    case.points[0].clear = Clear(outcomes=[CLOSED])
    assert find_decryption(case, print) == []
    case.points[0].clear = None
    assert find_decryption(case, print) == []


def test_a_report_tells_of_keys_even_where_they_opened_nothing(case: Case) -> None:
    assert case.keys is not None
    case.keys.add_logged(case.keys.sources.pop(), {("CLIENT_RANDOM", b"r" * 32): b"s" * 48})
    case.points[0].clear = Clear(outcomes=[CLOSED])
    (table,) = find_decryption(case, print)
    assert [key.opened for key in table.keys] == [0]
