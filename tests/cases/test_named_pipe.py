"""The named pipe of the article: WinDbg's text in a folder leads to the author's conclusion and his label."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d20_named_pipe as pipe
from wireproof.analyse import analyse


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("text", [pipe.TEXT, " ".join(pipe.TEXT.split("\n"))], ids=["lines", "one line"])
def test_the_integrity_check_refuses_and_the_label_is_printed(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "pipe.txt").write_text(text, encoding=encoding)
    with analyse([str(tmp_path)]) as report:
        (finding,) = report.verdicts.findings
    assert finding.rule == "smb-pipe-denied"
    assert (
        finding.title == "The integrity check refuses the pipe: the token is Untrusted, the pipe unlabelled, so Medium"
    )
    assert f"`{pipe.EXPECT['label']}`" in finding.fix[0]
