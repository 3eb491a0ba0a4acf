from __future__ import annotations

from wireproof.directaccess.commands.worded import Worded, is_comment


def test_comments_of_both_shells_are_told_from_commands() -> None:
    assert is_comment("# said")
    assert is_comment("rem said")
    assert not is_comment("remove-item x")


def test_lines_count_as_verified_unless_said_otherwise() -> None:
    assert Worded(("gpupdate /force",)).verified
