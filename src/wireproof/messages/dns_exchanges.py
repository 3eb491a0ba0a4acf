"""DNS queries and their answers, paired: one row an exchange, its repeats counted.

Takes the table of messages; pairs by conversation, identifier and question. Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.messages.dns import DNS, DnsTable
from wireproof.wire.dns import RESPONSE

SAME_QUERY_NS = 60_000_000_000
"""An identifier that comes back later than this is a new query: resolvers give up long before."""


@dataclass(frozen=True)
class DnsExchanges:
    """All exchanges of unicast DNS, in order of their first message; every array has one entry an exchange.

    `query` and `last_query` are message indexes of the first and last copy of the query, `queries` how many copies there
    are, `answer` the index of the first answer and `answers` how many came; indexes are -1 where there is none. `asker` and
    `asked` number the addresses of client and server as in `addresses` (16 bytes each).
    """

    messages: DnsTable
    query: NDArray[np.int64]
    last_query: NDArray[np.int64]
    queries: NDArray[np.int64]
    answer: NDArray[np.int64]
    answers: NDArray[np.int64]
    conversation: NDArray[np.int32]
    question: NDArray[np.int32]
    flags: NDArray[np.uint16]
    asker: NDArray[np.int64]
    asked: NDArray[np.int64]
    addresses: list[bytes]

    def __len__(self) -> int:
        return len(self.query)

    def first_ns(self) -> NDArray[np.int64]:
        """Time of each exchange's first message."""
        first = np.where(self.query >= 0, self.query, self.answer)
        return np.asarray(self.messages.time_ns[first], dtype=np.int64)

    def wait_ns(self, since_last: bool = False) -> NDArray[np.int64]:
        """Time from the first (or the last) copy of the query to the answer; -1 without both."""
        query = self.last_query if since_last else self.query
        both = (query >= 0) & (self.answer >= 0)
        times = self.messages.time_ns
        waits = np.full(len(self), -1, np.int64)
        waits[both] = times[self.answer[both]] - times[query[both]]
        return waits


def pair_dns(messages: DnsTable) -> DnsExchanges:
    """Pair queries with answers. An answer whose query the capture lacks makes an exchange of its own."""
    chosen = np.flatnonzero(messages.service == DNS)
    question = _questions(messages, chosen)
    keys = (chosen, question, messages.ident[chosen], messages.conversation[chosen])
    order = np.lexsort(keys)
    chosen, question = chosen[order], question[order]
    is_answer = messages.flags[chosen] & RESPONSE != 0
    starts = np.flatnonzero(_begins(messages, chosen, question, is_answer))
    if not len(starts):
        return _empty(messages)
    queries = np.add.reduceat((~is_answer).astype(np.int64), starts)
    answers = np.add.reduceat(is_answer.astype(np.int64), starts)
    # Within an exchange every query stands before every answer, see `_begins`.
    first_answer = np.minimum(starts + queries, len(chosen) - 1)
    query = np.where(queries > 0, chosen[starts], -1)
    first = chosen[starts]
    asker, asked, addresses = _number_addresses(messages, first)
    found = DnsExchanges(
        messages,
        query=query,
        last_query=np.where(queries > 0, chosen[starts + np.maximum(queries, 1) - 1], -1),
        queries=queries,
        answer=np.where(answers > 0, chosen[first_answer], -1),
        answers=answers,
        conversation=messages.conversation[first],
        question=question[starts],
        flags=messages.flags[first],
        asker=asker,
        asked=asked,
        addresses=addresses,
    )
    return _in_order(found, np.argsort(first, kind="stable"))


def _questions(messages: DnsTable, chosen: NDArray[np.int64]) -> NDArray[np.int32]:
    """Question numbers; an answer that repeats no question takes that of the last query with its identifier."""
    question = messages.question[chosen]
    bare = (question < 0) & (messages.flags[chosen] & RESPONSE != 0)
    if not bare.any():
        return question
    question = question.copy()
    last: dict[tuple[int, int], int] = {}
    keys = zip(messages.conversation[chosen].tolist(), messages.ident[chosen].tolist(), strict=True)
    for place, (key, asked) in enumerate(zip(keys, question.tolist(), strict=True)):
        if asked >= 0:
            last[key] = asked
        elif bare[place]:
            question[place] = last.get(key, -1)
    return question


def _begins(
    messages: DnsTable, chosen: NDArray[np.int64], question: NDArray[np.int32], is_answer: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where a new exchange begins among sorted messages: another key, a query after an answer, or a long pause."""
    begins = np.ones(len(chosen), bool)
    if len(chosen) < 2:
        return begins
    ident, talk = messages.ident[chosen], messages.conversation[chosen]
    same = (ident[1:] == ident[:-1]) & (talk[1:] == talk[:-1]) & (question[1:] == question[:-1])
    pause = np.diff(messages.time_ns[chosen])
    begins[1:] = ~same | (~is_answer[1:] & is_answer[:-1]) | (pause > SAME_QUERY_NS)
    return begins


def _number_addresses(
    messages: DnsTable, first: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[bytes]]:
    """Numbers of the asking and the asked address of exchanges, and the addresses."""
    facts = messages.tables.conversations.facts
    halves = np.ascontiguousarray(facts["addresses"]).view("S16").reshape(-1, 2)
    talk, server = messages.conversation[first], messages.server[first].astype(np.int64)
    ends = np.concatenate([halves[talk, 1 - server], halves[talk, server]])
    distinct, number = np.unique(ends, return_inverse=True)
    number = number.ravel()
    return number[: len(first)], number[len(first) :], [bytes(end).ljust(16, b"\0") for end in distinct]


def _in_order(found: DnsExchanges, order: NDArray[np.int64]) -> DnsExchanges:
    columns: dict[str, Any] = {
        name: values[order] for name, values in vars(found).items() if isinstance(values, np.ndarray)
    }
    return replace(found, **columns)


def _empty(messages: DnsTable) -> DnsExchanges:
    none, small = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return DnsExchanges(messages, none, none, none, none, none, small, small, np.zeros(0, np.uint16), none, none, [])
