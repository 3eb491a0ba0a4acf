"""Plans as plain values."""

from __future__ import annotations

from wireproof.directaccess.plan.model import Choice, Objection
from wireproof.directaccess.site.model import Method


def test_a_choice_tells_what_speaks_against_one_method() -> None:
    one = Objection(Method.ISATAP, "multisite", "several entry points", ("a source",))
    other = Objection(Method.FORWARDING, "no-balancer", "no balancer", ("a source",))
    choice = Choice(None, "nothing", [one, other])
    assert choice.against(Method.ISATAP) == [one]
    assert choice.against(Method.NATIVE_OWN) == []
