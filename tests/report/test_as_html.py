"""The HTML report: one file that needs no network, says everything, and lets nothing from a capture become markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support import judged
from tests.support.markup import Node, read_markup
from tests.support.sessions import many, mixed
from wireproof.case import Case
from wireproof.finding import Evidence, Finding, Severity, Talk, Undecided
from wireproof.report.as_html import (
    MOST_DRAWN,
    MOST_SESSIONS,
    clock_remarks,
    link_reference,
    list_facts,
    list_filters,
    read_rule_page,
    render_html,
)
from wireproof.report.outline import outline
from wireproof.rules import load_rules
from wireproof.rules.run import Verdicts

HOSTILE = "</script></title><img src=x onerror=alert(1)>\"'&<b>"
FETCHING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest", "xlink:href"}
QUESTION = Undecided("path-header-rewritten", "Whether the MSS was changed is not seen.", "both sides of the firewall")


@pytest.fixture(scope="module")
def page(sccm: Case) -> str:
    verdicts = Verdicts(judged.sccm_findings(sccm), [QUESTION], ["client.pcapng.gz: frame 12 is cut"])
    return render_html(outline(sccm, verdicts), sccm)


@pytest.fixture(scope="module")
def tree(page: str) -> Node:
    return read_markup(page)


def rendered(case: Case, *findings: Finding) -> Node:
    return read_markup(render_html(outline(case, Verdicts(list(findings))), case))


# --- one file, no network --------------------------------------------------------------------------------------------


def test_nothing_is_loaded_from_anywhere(tree: Node) -> None:
    assert not {node.tag for node in tree.walk()} & {
        "link",
        "iframe",
        "object",
        "embed",
        "img",
        "base",
        "form",
        "image",
        "use",
    }
    loading = [(node.tag, name) for node in tree.walk() for name in node.attributes if name in FETCHING]
    assert loading == []
    assert not re.search(
        r"url\(|@import|fetch\(|XMLHttpRequest|import\(", tree.find("style")[0].words + tree.find("script")[0].words
    )


def test_links_lead_to_places_in_the_page_or_to_references(tree: Node) -> None:
    identities = {node.attributes["id"] for node in tree.walk() if "id" in node.attributes}
    for node in tree.find("a"):
        target = node.attributes["href"]
        if target.startswith("#"):
            assert target[1:] in identities
        else:
            assert target.startswith("https://www.rfc-editor.org/rfc/rfc")
            assert "noreferrer" in node.attributes["rel"]


def test_the_policy_lets_only_this_style_and_this_script_work(tree: Node) -> None:
    (policy,) = (node.attributes["content"] for node in tree.find("meta") if "http-equiv" in node.attributes)
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        (part,) = tree.find(tag)
        digest = base64.b64encode(hashlib.sha256(part.words.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [
        node.tag
        for node in tree.walk()
        if "style" in node.attributes or any(name.startswith("on") for name in node.attributes)
    ]


def test_identities_are_unique(tree: Node) -> None:
    identities = [node.attributes["id"] for node in tree.walk() if "id" in node.attributes]
    assert len(set(identities)) == len(identities)


def test_the_published_case_stays_below_its_size(page: str) -> None:
    assert len(page.encode()) < 300_000


# --- what it says ----------------------------------------------------------------------------------------------------


def test_the_head_states_verdict_counts_and_clocks(tree: Node) -> None:
    head = tree.find("header")[0]
    assert head.find("h1")[0].text == "Only full-size segments are lost between client and server."
    assert [node.text for node in head.find("li", "chip")] == ["errors ✕ 2", "warning ▲ 1", "undecided ? 1"]
    assert "4,452" in head.text
    assert "agrees with client within 15.6 ms, no drift seen" in head.text


def test_effects_stand_inside_their_causes_and_link_back(tree: Node) -> None:
    articles = tree.find("article")
    assert [len(article.find("article")) for article in articles] == [3, 2, 1]
    assert [node.attributes["href"] for node in articles[1].find("p", "tags")[0].find("a")] == [
        f"#{articles[0].attributes['id']}"
    ]
    assert "2 path-loss" in articles[0].find("p", "explains")[0].text


def test_evidence_stands_in_wiresharks_columns_with_its_mark_in_words(tree: Node) -> None:
    table = tree.find("table", "frames")[0]
    heads = [node.words for node in table.find("thead")[0].find("th")]
    assert heads[:7] == ["No.", "Time", "Source", "Destination", "Protocol", "Length", "Info"]
    lost = table.find("tr", "lost")
    assert [row.find("td", "no")[0].words for row in lost] == ["1921", "1975", "2071", "2264", "2651", "3475"]
    assert all("lost" in row.find("b", "mark")[0].text for row in lost)
    seen = next(row for row in table.find("tr", "seen") if row.find("td", "no")[0].words == "13611")
    assert "seen at both ends" in seen.text
    assert [cell.text for cell in seen.find("td")][1:6] == ["100.906250", "10.1.1.1", "172.16.1.1", "TCP", "640"]


def test_figures_come_with_units(tree: Node) -> None:
    facts = {node.find("dt")[0].words: node.find("dd")[0].words for node in tree.find("dl", "facts")[0].children}
    assert facts == {"lost packets": "6", "lost": "1,460 bytes", "span": "80.8 s", "sizes passed": "281, 586"}


def test_filters_can_be_copied_and_selected(tree: Node) -> None:
    rows = tree.find("article")[0].find("div", "filter")
    assert rows[0].find("code")[0].words == "ip.addr==10.1.1.1 && tcp.port==1099"
    assert rows[1].find("code")[0].words.startswith("frame.number==1920 || frame.number==1921")
    for row in rows:
        (button,) = row.find("button", "copy")
        assert "Copy the" in button.attributes["aria-label"]
        assert "hidden" in button.attributes, "without a script there is nothing to press"
        assert row.find("code")[0].attributes["tabindex"] == "0"


def test_figures_of_one_conversation_are_drawn_once(tree: Node) -> None:
    assert len(tree.find("svg", "ladder")) == 3
    assert len(tree.find("svg", "timeline")) == 1
    assert [len(article.find("svg", "plot")) for article in tree.find("article")][1:] == [0, 0]
    more = tree.find("article")[1].find("p", "more")[0]
    assert more.find("a")[0].attributes["href"] == f"#{tree.find('article')[0].attributes['id']}"


def test_rule_pages_open_questions_and_notes_are_in_the_page(tree: Node) -> None:
    assert any("path-mtu-blackhole" in node.text for node in tree.find("details", "page"))
    questions = tree.find("section")[1]
    assert "Capture next:" in questions.text
    assert "both sides of the firewall" in questions.text
    assert "frame 12 is cut" in tree.text


def test_every_rule_has_a_page_that_reads_well() -> None:
    for name in load_rules():
        made = read_rule_page(name)
        assert made is not None
        assert {"What is seen", "Why it matters", "Fix"} <= {node.words for node in read_markup(made).find("h4")}
    assert read_rule_page("no-such-rule") is None


# --- for every reader ------------------------------------------------------------------------------------------------


def test_every_figure_and_control_has_words(tree: Node) -> None:
    for node in tree.walk():
        if node.attributes.get("role") in {"img", "region"} or node.tag in {"nav", "button"}:
            assert node.attributes.get("aria-label") or node.text
    assert tree.find("html")[0].attributes["lang"] == "en"
    assert [node.attributes["content"] for node in tree.find("meta") if node.attributes.get("name") == "viewport"]


def test_what_scrolls_can_be_reached_by_keyboard(tree: Node) -> None:
    assert all(node.attributes.get("tabindex") == "0" for node in tree.find("div", "scroll"))


def test_headings_never_skip_a_level(tree: Node) -> None:
    levels = [int(node.tag[1]) for node in tree.walk() if re.fullmatch(r"h[1-6]", node.tag)]
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_light_dark_and_paper_have_their_colours(tree: Node) -> None:
    style = tree.find("style")[0].words
    for rule in (
        "prefers-color-scheme: dark",
        ':root[data-theme="dark"]',
        ':root:not([data-theme="light"])',
        "@media print",
    ):
        assert rule in style
    blocks = re.findall(r"--page: (?:#\w+).*?color-scheme: (light|dark)", style, re.DOTALL)
    assert blocks == ["light", "dark", "dark"]


# --- hostile input ---------------------------------------------------------------------------------------------------


def hostile_finding(case: Case) -> Finding:
    return judged.plain_finding(
        case,
        [Evidence("client", 1921, HOSTILE, "lost"), Evidence(HOSTILE, line=3, note=HOSTILE)],
        HOSTILE,
        rule=HOSTILE,
        where=HOSTILE,
        summary=HOSTILE,
        conversations=[("client", judged.conversation(case, "client", 1921)[1])],
        talk=Talk(HOSTILE, HOSTILE, HOSTILE, seen_as=((HOSTILE, (HOSTILE, HOSTILE)),)),
        facts={HOSTILE: HOSTILE, "list": [HOSTILE], "map": {HOSTILE: HOSTILE}},
        fix=[HOSTILE],
        references=[HOSTILE, "javascript:alert(1)", 'https://example.com/" onclick="alert(1)'],
        filters={HOSTILE: HOSTILE},
    )


def test_hostile_words_never_become_markup(sccm: Case) -> None:
    question = Undecided(HOSTILE, HOSTILE, HOSTILE)
    made = outline(sccm, Verdicts([hostile_finding(sccm)], [question], [HOSTILE]))
    made.title = HOSTILE
    made.captures = [replace(item, file=f"/x/{HOSTILE}") for item in made.captures]
    tree = read_markup(render_html(made, sccm))
    assert len(tree.find("script")) == 1
    assert not tree.find("img")
    assert not any(name.startswith("on") for node in tree.walk() for name in node.attributes)
    assert not [node for node in tree.find("a") if node.attributes["href"].startswith("javascript")]
    assert tree.find("article")[0].find("h2")[0].words == HOSTILE
    assert tree.find("title")[0].words.startswith(f"{HOSTILE}: ")


def test_hostile_capture_names_never_become_markup(tmp_path: Path, keep: Callable[[Case], Case]) -> None:
    case = keep(judged.sccm_case(tmp_path))
    finding = judged.plain_finding(case, [Evidence("client", 1921)])
    case.points[0].name = HOSTILE
    finding.evidence = [Evidence(HOSTILE, 1921)]
    finding.conversations = [(HOSTILE, finding.conversations[0][1])]
    tree = rendered(case, finding)
    assert len(tree.find("script")) == 1
    assert not tree.find("img")
    assert tree.find("svg", "ladder")[0].find("text", "name")[0].words == HOSTILE


# --- bounds and gaps -------------------------------------------------------------------------------------------------


def test_many_findings_keep_the_file_small(sccm: Case) -> None:
    findings = [
        judged.plain_finding(sccm, [Evidence("client", 1921)], f"finding {number}", cause=(str(number),))
        for number in range(60)
    ]
    made = render_html(outline(sccm, Verdicts(findings)), sccm)
    tree = read_markup(made)
    assert len(tree.find("svg", "ladder")) == MOST_DRAWN
    assert "No figures, to keep this file small" in tree.text
    assert len(made) < 600_000


def test_nothing_found_is_said_plainly(sccm: Case) -> None:
    tree = rendered(sccm)
    assert tree.find("h1")[0].text == "Nothing found in 35,021 packets of 2 captures."
    assert not tree.find("article")
    assert tree.find("svg", "timeline")


def test_open_questions_alone_are_no_verdict(sccm: Case) -> None:
    tree = read_markup(render_html(outline(sccm, Verdicts([], [QUESTION])), sccm))
    assert tree.find("h1")[0].text == "Nothing proven: these captures leave questions open."


def test_without_its_case_a_report_has_no_figures(sccm: Case) -> None:
    tree = read_markup(render_html(outline(sccm, Verdicts(judged.sccm_findings(sccm)))))
    assert not tree.find("svg")
    assert len(tree.find("article")) == 3


def test_other_root_causes_are_counted_in_the_head_line(sccm: Case) -> None:
    titles = ["First", "Second", "Remark"]
    findings = [judged.plain_finding(sccm, [Evidence("client", 1921)], title, rule=title) for title in titles]
    findings[2].severity = Severity.INFO
    assert rendered(sccm, *findings).find("h1")[0].text == "First, and 1 other cause."


# --- small parts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("RFC 9293 3.8.1", "https://www.rfc-editor.org/rfc/rfc9293#section-3.8.1"),
        ("RFC 1191 section 4", "https://www.rfc-editor.org/rfc/rfc1191#section-4"),
        ("RFC 4821", "https://www.rfc-editor.org/rfc/rfc4821"),
        ("https://example.com/a?b=c&d", "https://example.com/a?b=c&d"),
    ],
)
def test_references_become_links(text: str, address: str) -> None:
    (link,) = read_markup(link_reference(text)).find("a")
    assert (link.attributes["href"], link.words) == (address, text)


def test_references_without_an_address_stay_words() -> None:
    assert link_reference("KB 314496, note <1>") == "KB 314496, note &lt;1&gt;"


def test_two_rfcs_in_one_reference_are_two_links() -> None:
    made = read_markup(link_reference("RFC 9293 section 3.5 and RFC 6298 (timer)"))
    assert [node.words for node in made.find("a")] == ["RFC 9293 section 3.5", "RFC 6298"]
    assert made.words == " and  (timer)"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("waited_s", 9.0, ("waited", "9.00 s")),
        ("delay_ms", 0.474, ("delay", "474 µs")),
        ("lost_bytes", 1460, ("lost", "1,460 bytes")),
        ("packets", 12345, ("packets", "12,345")),
        ("reset_ip_id", [50541], ("reset ip id", "50541")),
        ("share", 0.785, ("share", "0.785")),
        ("known", True, ("known", "yes")),
        ("zone_s", 3600, ("zone", "+01:00")),
        ("zone_s", -12600, ("zone", "-03:30")),
        ("gaps_s", [3.0, 6.0], ("gaps", "3.00 s, 6.00 s")),
        ("sizes", list(range(20)), ("sizes", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …")),
    ],
)
def test_facts_are_written_with_their_unit(sccm: Case, key: str, value: object, expected: tuple[str, str]) -> None:
    finding = judged.plain_finding(sccm, [Evidence("client", 1921)], facts={key: value, "empty": None})
    assert list_facts(finding) == [expected]


def test_each_capture_has_a_filter_for_its_evidence(sccm: Case) -> None:
    finding = judged.plain_finding(
        sccm, [Evidence("client", 1921), Evidence("server", 13611)], filters={"server": "tcp.port==1099"}
    )
    (item,) = outline(sccm, Verdicts([finding])).roots
    assert list_filters(item) == [
        ("server", "conversation", "tcp.port==1099"),
        ("server", "evidence", "frame.number==13611"),
        ("client", "evidence", "frame.number==1921"),
    ]


def test_clocks_that_nothing_ties_together_are_not_compared(lync: Case) -> None:
    remarks = clock_remarks(lync, outline(lync, Verdicts()))
    assert remarks["client"] == "tied to no other capture"
    assert remarks["edge"] == "reference"
    assert (
        remarks["frontend"] == "about 9.83 s ahead of edge: frames match in one direction only, so delay is not known"
    )


# --- decryption ------------------------------------------------------------------------------------------------------


def test_sessions_are_a_section_with_a_table(sccm: Case) -> None:
    made = outline(sccm, Verdicts())
    assert 'id="decryption"' not in render_html(made)
    made.decryption = [mixed()]
    text = render_html(made)
    section = text.partition('id="decryption"')[2].partition("</section>")[0]
    assert "4 of 6 TLS sessions decrypted" in section
    assert section.count('scope="row"') == 6
    assert "✕ closed" in section
    assert '<a href="#decryption">' in text


def test_a_table_of_very_many_sessions_is_cut_and_says_so(sccm: Case) -> None:
    made = outline(sccm, Verdicts())
    made.decryption = [many(10_000)]
    section = render_html(made).partition('id="decryption"')[2].partition("</section>")[0]
    assert section.count('scope="row"') == 2 * MOST_SESSIONS
    assert "Not shown: 7,950 decrypted, 1,950 closed" in section
