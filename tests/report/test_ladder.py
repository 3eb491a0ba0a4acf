"""The ladder of the published cases has the arrows and labels that a reader of the articles expects."""

from __future__ import annotations

from tests.cases import d1_sccm
from tests.support import judged
from tests.support.markup import Node, read_markup
from wireproof.case import Case
from wireproof.finding import Evidence
from wireproof.report.ladder import Ladder, build_ladder


def ladder_of(case: Case, *evidence: Evidence, title: str = "title") -> Ladder:
    ladder = build_ladder(case, judged.plain_finding(case, evidence, title))
    assert ladder is not None
    return ladder


def sccm_ladder(case: Case) -> Ladder:
    ladder = build_ladder(case, judged.sccm_findings(case)[0])
    assert ladder is not None
    return ladder


def rows(ladder: Ladder) -> list[Node]:
    return read_markup(ladder.svg).find("g", "packet")


def label(row: Node) -> str:
    return row.find("text", "label")[0].words


def test_every_packet_of_the_session_has_an_arrow(sccm: Case) -> None:
    assert [label(row) for row in rows(sccm_ladder(sccm))] == [
        "SYN", "SYN, ACK ack 1", "ACK ack 1", "PSH, ACK seq 1 len 281", "ACK seq 282 len 1460", "PSH, ACK seq 1742 len 586",
        "ACK ack 282", *["↻ ACK seq 282 len 1460"] * 5, "RST, ACK seq 1 ack 282",
    ]  # fmt: skip


def test_lost_packets_end_in_mid_air_and_say_so_in_words(sccm: Case) -> None:
    lost = [row for row in rows(sccm_ladder(sccm)) if "lost" in row.classes]
    assert [row.find("text", "number")[0].words for row in lost] == [str(frame) for frame in d1_sccm.LOST_FRAMES]
    for row in lost:
        assert row.find("line")[0].attributes["x2"] == "50%"
        assert len(row.find("path", "cross")) == 1
        assert row.find("text", "note")[0].words == "✕ never arrives"


def test_frames_stand_at_both_ends_of_what_arrived(sccm: Case) -> None:
    numbers = [[node.words for node in row.find("text", "number")] for row in rows(sccm_ladder(sccm))]
    assert ["1922", "13611"] in numbers
    assert ["13612", "1925"] in numbers


def test_silence_is_folded_and_named(sccm: Case) -> None:
    text = read_markup(sccm_ladder(sccm).svg).text
    for words in ("2.62 s without a packet", "41.7 s without a packet", "49.1 s without a packet"):
        assert words in text


def test_times_are_those_of_the_first_capture(sccm: Case) -> None:
    times = [row.find("text", "time")[0].words for row in rows(sccm_ladder(sccm))]
    assert (times[0], times[4], times[-1]) == ("104.968750", "105.000000", "234.937500")


def test_forged_resets_start_in_mid_air(lync: Case) -> None:
    ladder = build_ladder(lync, judged.forged_resets(lync))
    assert ladder is not None
    forged = [row for row in rows(ladder) if "inserted" in row.classes]
    assert [row.find("text", "number")[0].words for row in forged] == ["233", "967", "2005"]
    assert all(row.find("line")[0].attributes["x1"] == "50%" for row in forged)
    assert ("◆", "inserted: arrives, though its named sender's side never sent it") in ladder.legend


def test_a_field_changed_on_the_way_is_named(lync: Case) -> None:
    ladder = build_ladder(lync, judged.forged_resets(lync))
    assert ladder is not None
    assert "arrives as SYN ack field 2948578651" in rows(ladder)[0].text


def test_a_rule_that_knows_a_packet_lost_is_believed_where_only_one_point_shows_it(lync: Case) -> None:
    ladder = ladder_of(lync, Evidence("client", 4333, "never arrives", "lost"), Evidence("client", 4506, "", "forged"))
    kinds = {row.find("text", "number")[0].words: row.classes[1] for row in rows(ladder)}
    assert (kinds["4333"], kinds["4506"], kinds["4298"]) == ("lost", "inserted", "plain")


def test_three_points_make_three_lanes(routed: Case) -> None:
    ladder = ladder_of(routed, Evidence("wan", 8, "never arrives", "lost"))
    made = read_markup(ladder.svg)
    assert ladder.lanes == 3
    assert [node.words for node in made.find("text", "name")] == ["client", "wan", "server"]
    lost = next(row for row in made.find("g", "packet") if "lost" in row.classes)
    assert lost.find("line")[0].attributes["x2"] == "75%"
    assert [node.words for node in lost.find("text", "number")] == ["8", "8"]


def test_the_legend_names_what_is_in_the_picture_and_nothing_else(sccm: Case) -> None:
    assert [sign for sign, _ in sccm_ladder(sccm).legend] == ["✕", "↻", "✓"]


def test_hostile_words_stay_words(sccm: Case) -> None:
    hostile = "</svg><script>alert(1)</script>"
    ladder = ladder_of(sccm, Evidence("client", 1921, hostile), title=hostile)
    made = read_markup(ladder.svg)
    assert not made.find("script")
    assert hostile in made.find("title")[0].words
    assert any(hostile in node.words for node in made.find("text", "note"))


def test_long_notes_take_several_lines_and_end(sccm: Case) -> None:
    (row,) = [row for row in rows(ladder_of(sccm, Evidence("client", 1921, "word " * 60))) if row.find("text", "note")]
    lines = [node.words for node in row.find("text", "note")]
    assert len(lines) == 3
    assert lines[-1].endswith("…")


def test_packets_are_bounded(sccm: Case) -> None:
    ladder = build_ladder(sccm, judged.sccm_findings(sccm)[0], 8)
    assert ladder is not None
    assert len(rows(ladder)) == 8
    assert "more packet" in read_markup(ladder.svg).text


def test_a_finding_without_a_conversation_has_no_ladder(sccm: Case) -> None:
    finding = judged.plain_finding(sccm, [Evidence("client", 1921)], conversations=[])
    finding.evidence = [Evidence("service.log", line=3)]
    assert build_ladder(sccm, finding) is None
