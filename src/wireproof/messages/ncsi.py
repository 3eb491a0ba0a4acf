"""Probes of the Network Connectivity Status Indicator: how Windows finds out whether an interface reaches the internet.

Takes the DNS exchanges and HTTP messages of a capture; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.messages.dns import DnsTable, unpack_key
from wireproof.messages.table import Message, MessageTable
from wireproof.wire.dns import rcode_name, unpack_records

if TYPE_CHECKING:
    from wireproof.messages.dns_exchanges import DnsExchanges
    from wireproof.messages.http_message import HttpMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class NcsiProbe(Message):
    """One probe; `row` and `last_row` are those of the query or request, `side` is the prober.

    `kind` is `dns` or `http`. `name` is the host, `target` the path of an HTTP probe. `answer` tells what came: addresses, or status and
    the beginning of the text. `answer_row` is -1 where nothing came. `result` is one of

    - `expected`: the answer that Windows wants;
    - `resolved`: an answer that Windows does not compare, or of which the capture lacks a part;
    - `changed`: another address or text, so a portal or a filter answers;
    - `redirected`: a portal;
    - `error` or `unanswered`.
    """

    kind: str
    name: str
    target: str = ""
    result: str = "unanswered"
    answer: str = ""
    answer_row: int = -1
    answer_ns: int = -1


PROBE_NAMES = {
    "www.msftconnecttest.com": "Microsoft Connect Test",
    "ipv6.msftconnecttest.com": "Microsoft Connect Test",
    "www.msftncsi.com": "Microsoft NCSI",
    "ipv6.msftncsi.com": "Microsoft NCSI",
    "dns.msftncsi.com": "",
}
"""Names that Windows asks for, and the text that their web server answers: up to 8.1 msftncsi.com, from 10 on msftconnecttest.com."""
DNS_NAME = "dns.msftncsi.com"
DNS_ADDRESSES = {"131.107.255.255", "fd3e:4f5a:5b81::1"}
"""What `dns.msftncsi.com` resolves to, so that Windows can tell a resolver that answers everything with its own address."""
CORPORATE = ("directaccess-webprobehost.", "directaccess-corpconnectivityhost.")
"""DirectAccess registers these below the corporate suffix; Windows asks for them to learn whether it reaches the intranet."""
PATHS = {"/ncsi.txt": "Microsoft NCSI", "/connecttest.txt": "Microsoft Connect Test"}
AGENT = "Microsoft NCSI"


def build_ncsi(exchanges: DnsExchanges, http: MessageTable[HttpMessage]) -> MessageTable[NcsiProbe]:
    """Every probe of the capture."""
    return MessageTable(NcsiProbe, [*_lookups(exchanges), *_requests(http)])


def is_probe_name(name: str) -> bool:
    """Whether only connectivity probes ask for this name."""
    return name in PROBE_NAMES or name.startswith(CORPORATE)


def _lookups(exchanges: DnsExchanges) -> Iterator[NcsiProbe]:
    messages = exchanges.messages
    asked = (unpack_key(key) for key in messages.questions)
    names = {
        number: question.name for number, question in enumerate(asked) if question and is_probe_name(question.name)
    }
    if not names:
        return
    chosen = np.flatnonzero(np.isin(exchanges.question, list(names)) & (exchanges.query >= 0))
    for exchange in chosen.tolist():
        query, answer = int(exchanges.query[exchange]), int(exchanges.answer[exchange])
        row, conversation = int(messages.row[query]), int(exchanges.conversation[exchange])
        name = names[int(exchanges.question[exchange])]
        result, text = _judge_answer(messages, answer, name) if answer >= 0 else ("unanswered", "")
        yield NcsiProbe(
            conversation=conversation,
            side=1 - int(messages.server[query]),
            row=row,
            last_row=row,
            time_ns=int(messages.time_ns[query]),
            kind="dns",
            name=name,
            result=result,
            answer=text,
            answer_row=int(messages.row[answer]) if answer >= 0 else -1,
            answer_ns=int(messages.time_ns[answer]) if answer >= 0 else -1,
        )


def _judge_answer(messages: DnsTable, answer: int, name: str) -> tuple[str, str]:
    """(result, what was answered) of a DNS answer."""
    code = int(messages.flags[answer]) & 15
    if code:
        return "error", rcode_name(code)
    addresses = [record.address for record in unpack_records(messages.read([answer])[0]) if record.address]
    text = ", ".join(addresses) or "no address"
    if name != DNS_NAME or not addresses:
        return "resolved", text
    return "expected" if DNS_ADDRESSES.issuperset(addresses) else "changed", text


def _requests(http: MessageTable[HttpMessage]) -> Iterator[NcsiProbe]:
    probes = http.where(_is_probe)
    answers = {
        (message.conversation, message.request_row): message
        for number in dict.fromkeys(probe.conversation for probe in probes)
        for message in http.of(number)
        if message.kind == "response"
    }
    for probe in probes:
        answer = answers.get((probe.conversation, probe.row))
        yield NcsiProbe(
            conversation=probe.conversation,
            side=probe.side,
            row=probe.row,
            last_row=probe.last_row,
            time_ns=probe.time_ns,
            kind="http",
            name=host_of(probe),
            target=probe.target,
            result=_judge_response(probe, answer) if answer else "unanswered",
            answer=f"{answer.status} {answer.reason} {answer.location or answer.text}".strip() if answer else "",
            answer_row=answer.row if answer else -1,
            answer_ns=answer.time_ns if answer else -1,
        )


def _is_probe(message: HttpMessage) -> bool:
    if message.kind != "request" or message.method != "GET":
        return False
    return message.user_agent == AGENT or (is_probe_name(host_of(message)) and message.target.lower() in PATHS)


def host_of(message: HttpMessage) -> str:
    """The host of a request without its port, lower case."""
    host, _, port = message.host.lower().rpartition(":")
    return host if host and port.isdigit() else message.host.lower()


def _judge_response(probe: HttpMessage, answer: HttpMessage) -> str:
    if 300 <= answer.status < 400:
        return "redirected"
    if answer.status != 200:
        return "error"
    wanted = PATHS.get(probe.target.lower())
    if wanted is None or answer.cut:
        return "resolved"
    return "expected" if answer.text == wanted else "changed"
