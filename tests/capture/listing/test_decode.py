"""Encodings, mail quoting, HTML and CSV around a listing."""

from __future__ import annotations

import pytest

from wireproof.capture.listing.decode import decode_text, flatten

LINE = "1 0.5 10.0.0.1 10.0.0.2 TCP 1 > 80 [SYN] Seq=0 Win=8192 Len=0"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_texts_of_windows_and_unix_are_decoded(encoding: str) -> None:
    assert decode_text(f"{LINE} → ok\n".encode(encoding)) == f"{LINE} → ok\n"


def test_an_old_code_page_costs_no_character_that_matters() -> None:
    assert (decode_text(f"für {LINE}".encode("cp1252")) or "").endswith(LINE)


def test_the_code_page_of_a_prompt_is_told_from_that_of_windows() -> None:
    assert decode_text("Größe der Übertragung".encode("cp850")) == "Größe der Übertragung"
    assert decode_text("Größe der Übertragung".encode("cp1252")) == "Größe der Übertragung"


def test_binary_data_are_no_text() -> None:
    assert decode_text(b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + bytes(40)) is None


@pytest.mark.parametrize(
    "text",
    [
        f"> > {LINE}\r\n",
        "<html><pre>" + LINE.replace(">", "&gt;") + "<br></pre>",
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in LINE.replace(">", "&gt;").split()) + "</tr>",
        "Content-Transfer-Encoding: quoted-printable\n\n" + LINE.replace("=", "=3D").replace("10.0.0.2", "10.0.=\n0.2"),
    ],
)
def test_what_mails_and_pages_put_around_a_line_is_taken_off(text: str) -> None:
    assert LINE in [" ".join(line.split()) for line in flatten(text).splitlines()]


def test_the_cells_of_a_csv_line_become_columns() -> None:
    assert flatten('"1","0.5","10.0.0.1","a ""b"""') == '1\t0.5\t10.0.0.1\ta "b"'


@pytest.mark.parametrize("mark", [",", ";"])
def test_a_table_without_quotes_is_told_by_its_heading(mark: str) -> None:
    text = "No.,Time,Source,Destination,Protocol,Info\n1,0.5,10.0.0.1,10.0.0.2,TCP,a [RST, ACK]".replace(",", mark)
    assert flatten(text).splitlines()[1] == f"1\t0.5\t10.0.0.1\t10.0.0.2\tTCP\ta [RST{mark} ACK]"
