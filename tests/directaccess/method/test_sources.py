"""Sources of objections and steps."""

from __future__ import annotations

from wireproof.directaccess.method import sources


def test_sources_are_titles_and_no_addresses() -> None:
    titles = [value for name, value in vars(sources).items() if name.isupper()]
    assert len(titles) > 10
    assert not [title for title in titles if "://" in title or not title]


def test_the_contradiction_names_both_documents() -> None:
    assert "da-adv-plan-s1" in sources.CONTRADICTION
    assert "Unsupported DirectAccess configurations" in sources.CONTRADICTION
