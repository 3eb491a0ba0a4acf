"""Sessions in short words: shares, reasons, suites, keys of no use."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.sessions import closed, many, mixed, opened
from wireproof.decrypt.outcome import Reason, Status
from wireproof.export.options import Exported
from wireproof.report.sessions.keys import KeyItem
from wireproof.report.sessions.outcome import Written
from wireproof.report.sessions.table import SessionTable
from wireproof.report.sessions.words import (
    REASONS,
    SIGNS,
    families,
    headline,
    left_out,
    name_briefly,
    named_server,
    numbers,
    suite_title,
    told,
    told_written,
    unused,
    version,
)


def test_every_reason_and_state_has_a_word() -> None:
    assert set(REASONS) == set(Reason)
    assert all(REASONS[reason] for reason in Reason if reason is not Reason.NONE)
    assert set(SIGNS) == set(Status)


@pytest.mark.parametrize(
    ("suite", "title"),
    [
        (0x002F, "RSA AES_128_CBC_SHA"),
        (0xC02F, "ECDHE_RSA AES_128_GCM"),
        (0xC028, "ECDHE_RSA AES_256_CBC_SHA384"),
        (0xCCA8, "ECDHE_RSA CHACHA20_POLY1305"),
        (0x1302, "AES_256_GCM"),
        (0x003B, "RSA NULL_SHA256"),
    ],
)
def test_a_suite_is_its_key_exchange_and_cipher_and_a_hash_only_where_it_protects_records(
    suite: int, title: str
) -> None:
    assert suite_title(suite) == title


def test_the_headline_says_how_many_with_what_and_why_not_the_others() -> None:
    assert headline(mixed()) == (
        "4 of 6 TLS sessions decrypted, 1 of them in part (server.pfx: 3, keys.log: 1); "
        "2 closed: 1 forward secrecy, 1 resumed"
    )
    assert headline(many(10_000)).startswith("8,000 of 10,000 TLS sessions decrypted (server.pfx: 8,000)")


def test_the_headline_of_one_session_and_of_none() -> None:
    one = SessionTable("a", "a", (opened(1, status=Status.PARTLY, reason=Reason.TAMPERED),))
    assert headline(one) == "1 of 1 TLS session decrypted, that one in part (server.pfx: 1)"
    assert headline(SessionTable("a", "a", ())) == "no TLS session"
    assert "could not be looked at" in headline(SessionTable("a", "a", (), failed=True))


def test_sessions_over_datagrams_are_called_so() -> None:
    rows = (opened(1), opened(2, family="DTLS"), closed(3, family="QUIC", version="TLS 1.3"))
    assert [version(row) for row in rows] == ["TLS 1.2", "TLS 1.2", "QUIC"]
    assert families(SessionTable("a", "a", rows)) == "TLS, DTLS and QUIC"
    assert families(SessionTable("a", "a", rows[1:2])) == "DTLS"
    assert headline(SessionTable("a", "a", rows[:2])).startswith("2 of 2 TLS and DTLS sessions decrypted")


def test_a_suite_without_encryption_needs_no_key() -> None:
    row = opened(1, key="", key_title="", encrypts_nothing=True)
    assert headline(SessionTable("a", "a", (row,))) == "1 of 1 TLS session decrypted (no key needed: 1)"
    assert told(row) == "no key needed"


def test_where_no_key_is_at_hand_nothing_is_said_of_the_other_sessions() -> None:
    table = SessionTable("a", "a", (opened(1, key="", key_title="", encrypts_nothing=True),), complete=False)
    assert headline(table) == "1 TLS session under a suite that encrypts nothing, read without a key"


def test_a_server_is_named_as_the_client_asked_for_it() -> None:
    assert named_server(opened(1)) == "www.contoso.com:443"
    assert named_server(opened(1, server="[2001:db8::1]:8443")) == "www.contoso.com:8443"
    assert named_server(opened(1, server_name="")) == "203.0.113.10:443"


def test_the_last_cell_names_the_key_with_what_was_special_or_the_reason() -> None:
    assert told(opened(1, resumed=True, handshakes=3)) == "server.pfx, resumed, renegotiated"
    assert told(mixed().rows[4]) == "server.pfx, bytes missing, 3 records unread"
    assert told(closed(1)) == "forward secrecy"
    assert told(closed(1, inside="starttls")) == "forward secrecy, in starttls"
    assert told(opened(1, inside="quic", family="QUIC")) == "server.pfx"


def test_long_lists_of_sessions_are_counted() -> None:
    assert numbers([3]) == "session 3"
    assert numbers(range(1, 8)) == "sessions 1, 2, 3, 4, 5, 6 and 7"
    assert numbers(range(1, 100)) == "sessions 1, 2, 3, 4, 5, 6 and 93 more"


def test_what_is_not_shown_is_counted_by_state() -> None:
    table = many(100)
    assert left_out(table, table.first(5)) == "75 decrypted, 15 closed"
    assert left_out(table, table.rows) == ""


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (KeyItem("a", "a", "private key", 1, 6, 2), ""),
        (KeyItem("a", "a", "private key", 1, 0, 0), "there is no TLS session"),
        (KeyItem("a", "a", "key log", 9, 6, 0), "none of its secrets opened a session here"),
        (KeyItem("a", "a", "private key", 1, 6, 0), "its key belongs to no certificate in the capture"),
        (
            KeyItem("a", "a", "private key", 1, 6, 0, 3, (Reason.FORWARD_SECRECY, Reason.RESUMED)),
            "its certificate is here, but all 3 sessions with it stayed closed (forward secrecy or resumed)",
        ),
        (
            KeyItem("a", "a", "private key", 1, 6, 0, 1, (Reason.NONE,)),
            "its certificate is here, and other keys opened every session with it",
        ),
        (
            KeyItem("a", "a", "private key", 1, 6, 0, 1, (Reason.RESUMED,)),
            "its certificate is here, but the one session with it stayed closed (resumed)",
        ),
    ],
)
def test_a_key_of_no_use_is_told_with_the_reason(key: KeyItem, why: str) -> None:
    assert unused(key) == why


def test_a_written_file_is_told_with_what_it_lacks() -> None:
    done = Exported(
        frames=1204, clear=302, inner=2, conversations=1, redacted=7, left_out=Counter({"frames cut short": 3})
    )
    assert told_written(Written("clear.pcapng", done)) == (
        "1,204 frames, 302 of them in clear for 1 conversation, 2 from inside tunnels; 7 credentials blanked; "
        "left out: 3 frames cut short"
    )


def test_keys_are_named_by_their_last_part_unless_several_end_alike() -> None:
    assert name_briefly(["a/server.pfx", r"C:\keys\log.txt", "b/old.pem", "c/old.pem"]) == {
        "a/server.pfx": "server.pfx",
        r"C:\keys\log.txt": "log.txt",
        "b/old.pem": "b/old.pem",
        "c/old.pem": "c/old.pem",
    }


def test_secrets_in_the_one_capture_are_embedded_those_of_several_name_it() -> None:
    assert name_briefly(["a.pcapng (embedded)"]) == {"a.pcapng (embedded)": "embedded"}
    assert name_briefly(["x/a.pcapng (embedded)", "x/b.pcapng (embedded)"]) == {
        "x/a.pcapng (embedded)": "a.pcapng (embedded)",
        "x/b.pcapng (embedded)": "b.pcapng (embedded)",
    }
