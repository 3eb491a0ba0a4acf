"""Sessions as plain values: counted by kind, grouped by reason, and made into rows only where somebody looks."""

from __future__ import annotations

from tests.support.sessions import closed, mixed, opened
from wireproof.decrypt.outcome import Reason, Status
from wireproof.report.sessions.table import SessionRow, SessionRows, SessionTable


def test_reasons_are_grouped_by_advice_the_most_frequent_first() -> None:
    assert [(group.reason.value, len(group.rows)) for group in mixed().groups] == [
        ("forward-secrecy", 1),
        ("missing-bytes", 1),
        ("resumed", 1),
    ]


def test_the_first_sessions_of_each_state_and_reason_stand_in_order_of_time() -> None:
    assert [row.number for row in mixed().first(1)] == [1, 2, 5, 6]
    assert len(mixed().first(0)) == 6


def test_each_count_is_that_of_the_rows() -> None:
    table = mixed()
    assert [table.count(status) for status in Status] == [3, 1, 2]
    assert (table.opened, table.needed) == (4, 6)
    assert table.closed == {Reason.FORWARD_SECRECY: 1, Reason.RESUMED: 1}
    assert list(table.openers.items()) == [("server.pfx", 3), ("keys.log", 1)]


def lazily(rows: list[SessionRow]) -> tuple[SessionTable, list[int]]:
    """A table of these rows, and the places of those that were made."""
    made: list[int] = []

    def make(place: int) -> SessionRow:
        made.append(place)
        return rows[place]

    return SessionTable("a", "a", SessionRows([row.kind for row in rows], make)), made


def test_rows_are_made_once_and_only_where_somebody_looks() -> None:
    table, made = lazily([opened(number) for number in range(1, 100)])
    assert (table.opened, table.needed, len(table.rows), table.groups) == (99, 99, 99, [])
    assert made == []
    assert [row.number for row in table.first(2)] == [1, 2]
    assert [row.number for row in table.rows[-2:]] == [98, 99]
    assert table.rows[0] is table.first(1)[0]
    assert sorted(made) == [0, 1, 97, 98]


def test_of_sessions_that_stay_closed_the_rows_are_in_the_groups() -> None:
    table, made = lazily([opened(1), closed(2), opened(3), closed(4)])
    assert [row.number for group in table.groups for row in group.rows] == [2, 4]
    assert made == [1, 3]
