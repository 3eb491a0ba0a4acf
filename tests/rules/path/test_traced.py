"""path-forged-reset by a trace: the stack says that the connection timed out, and a capture elsewhere shows resets in its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_lync_signin, d6_sip_log
from tests.support.log_texts import with_logs
from tests.support.scripted import Row, frames
from tests.support.trace_lines import EDGE
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence
from wireproof.rules.path._traced import find_traced

RULE = "path-forged-reset"
ENDS = (("192.168.1.1", 50357), ("192.168.3.10", 5061))


def front_end(folder: Path, trace: str = EDGE) -> Case:
    """The Front End's capture alone, and the Edge server's trace."""
    return with_logs(open_case({"frontend": d6_lync_signin.build(folder)["frontend"]}), {"edge.txt": trace})


def test_the_articles_trace_and_the_front_ends_capture_prove_the_resets_forged(tmp_path: Path) -> None:
    case = front_end(tmp_path)
    found = only(case, RULE)
    assert (found.confidence, found.where) == (Confidence.MEDIUM, "between 192.168.1.1 and frontend")
    assert found.title == "3 resets in the name of 192.168.1.1, whose own attempt timed out"
    assert "edge.txt, the trace of 192.168.1.1, says that this connection timed out after 21 s" in found.summary
    shown = {piece.frame for piece in found.evidence if piece.frame}
    front = d6_lync_signin.EXPECT["front_end"]
    assert shown == {*front["answer"], *front["forged"]}
    assert [piece.line for piece in found.evidence if piece.line] == [14, 18]
    assert found.facts["reset_ttl"] == [253]


def test_a_trace_of_another_time_proves_nothing_of_the_resets(tmp_path: Path) -> None:
    case = front_end(tmp_path)
    case.logs[0].zone_s = -11 * 3600
    assert find_traced(case) == []


def test_it_leads_and_leaves_no_question_who_resets(tmp_path: Path) -> None:
    verdicts = judge(front_end(tmp_path))
    first = verdicts.findings[0]
    assert first.rule == RULE
    assert {one.rule for one in verdicts.findings if one.id in first.explains} == {"windows-connect-timeout"}
    assert [one for one in verdicts.undecided if "who resets the handshakes" in one.reason] == []


def test_the_edge_servers_sip_log_proves_the_same(tmp_path: Path) -> None:
    found = only(front_end(tmp_path, d6_sip_log.LOG), RULE)
    assert "says: Failed to complete outbound connection, 192.168.3.10:5061" in found.summary
    assert {piece.frame for piece in found.evidence if piece.frame} >= set(d6_lync_signin.EXPECT["front_end"]["forged"])
    assert [piece.line for piece in found.evidence if piece.line] == [d6_sip_log.EXPECT["lines"]["connection"]]


def test_beside_the_clients_capture_the_sip_log_leads_from_the_resets_to_the_504(tmp_path: Path) -> None:
    paths = d6_lync_signin.build(tmp_path)
    case = open_case({name: paths[name] for name in ("client", "frontend")})
    first, *others = judge(with_logs(case, {"edge.log": d6_sip_log.LOG})).findings
    assert first.rule == RULE
    assert {one.rule for one in others if one.id in first.explains} == {"sip-server-timeout"}


def test_where_the_clients_capture_is_at_hand_that_decides(tmp_path: Path) -> None:
    case = with_logs(open_case(d6_lync_signin.build(tmp_path)), {"edge.txt": EDGE})
    assert find_traced(case) == []
    assert "made between edge and frontend" in only(case, RULE).title


@pytest.mark.parametrize(
    ("trace", "rows"),
    [
        (EDGE.replace("0xC00000B5 - STATUS_IO_TIMEOUT", "0xC0000236 - STATUS_CONNECTION_REFUSED"), ("SA", "R")),
        (EDGE, ("RA", "")),
        (EDGE, ("SA", "")),
        (d6_sip_log.LOG, ("SA", "R")),
        (EDGE.replace("50357", "50358"), ("SA", "R")),
    ],
    ids=[
        "refused, says the stack",
        "refused by the server",
        "no reset",
        "a log, and no SYN behind the reset",
        "another connection",
    ],
)
def test_other_ends_are_no_finding(tmp_path: Path, trace: str, rows: tuple[str, str]) -> None:
    answer, end = rows
    story = [Row(0.0, "c", "S"), Row(0.1, "s", answer, 0, 1)]
    story += [Row(0.2, "c", "RA", 1, 1)] if end else []
    case = with_logs(make_case(tmp_path, {"server": frames(story, *ENDS)}), {"edge.txt": trace})
    assert find_traced(case) == []
