"""Encodings are told by their marks, and UTF-16 by its zeros; binary data are told from text."""

from __future__ import annotations

import codecs

import pytest

from wireproof.wire.text_encoding import decode, find_encoding, find_mark, is_binary

TEXT = "für 10.0.0.1\r\n"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_tells_the_encoding(mark: bytes, encoding: str) -> None:
    data = mark + TEXT.encode(encoding)
    assert find_mark(data) == find_encoding(data) == (encoding, len(mark))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_told_by_its_zeros(encoding: str) -> None:
    data = TEXT.encode(encoding)
    assert find_encoding(data) == (encoding, 0)
    assert find_mark(data) == ("utf-8", 0)


@pytest.mark.parametrize("data", [b"", TEXT.encode(), TEXT.encode("cp1252"), bytes(40)])
def test_what_shows_nothing_else_is_taken_for_utf_8(data: bytes) -> None:
    assert find_encoding(data) == find_mark(data) == ("utf-8", 0)


def test_nul_and_many_control_characters_are_no_text() -> None:
    assert is_binary("a\0b")
    assert is_binary("\x01\x02\x03 text")
    assert not is_binary("\x01\x02 text\t\r\n\f\x1b[1m\x1a")
    assert not is_binary("")


WRITTEN = {
    "cp1252": [
        "ABHÖREN", "Factures été.exe", "Größe der Übertragung", "“hello” world", "Please wait…", "don’t", "Windows™ – fine", "• item",
        "à la carte", "2\xa0180 Ko", "modalità è attività", "500 €", "25 °C", "© 2010", "ÉCOUTE", "kjøre", "Não",
    ],
    "cp850": [
        "ABHÖREN", "Factures Été.exe", "Nom de la session Numéro de s Utilisation", "für", "2\xa0180 Ko", "modalità è attività",
        "La opción está", "Descrição não", "────────", "ÉCOUTE",
    ],
    "cp1250": ["Popis: služba Vzdálená plocha byla neočekávaně ukončena"],
    "cp852": ["Název protokolu Úroveň Událost: služba byla neočekávaně ukončena"],
    "cp1251": ["Служба неожиданно прервана", "Активные подключения"],
    "cp866": ["Служба неожиданно прервана", "Активные подключения"],
    "cp932": ["サービスは予期せず停止しました", "アクティブな接続"],
    "cp936": ["活动连接 协议 本地地址 外部地址 状态", "服务意外停止"],
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), [(page, text) for page, texts in WRITTEN.items() for text in texts])
def test_the_code_page_is_the_one_in_which_the_letters_make_sense(encoding: str, text: str) -> None:
    assert decode(f"TCP 0.0.0.0:135 {text}\r\n".encode(encoding)) == (f"TCP 0.0.0.0:135 {text}\r\n", encoding)


def test_a_text_in_utf_8_with_one_broken_letter_stays_utf_8() -> None:
    text = "für größere Überraschungen während täglicher Übertragungen".encode()
    assert decode(text + b" \xfc") == (text.decode() + " \ufffd", "utf-8")


def test_what_ends_within_a_letter_of_utf_16_is_read_to_there() -> None:
    assert decode(codecs.BOM_UTF16_LE + "für".encode("utf-16-le")[:-1]) == ("f\xfc\ufffd", "utf-16-le")


def test_binary_data_are_no_text_in_any_code_page() -> None:
    assert decode(b"MZ\x90\0\x03\0\0\0\xff\xff") is None
