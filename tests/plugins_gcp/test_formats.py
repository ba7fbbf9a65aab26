"""Formats of files, and the head of a CSV."""

import gzip
import json
from pathlib import Path

import pytest

from tiercel.sdk import TaskFailed
from tiercel_gcp.bigquery.formats import CsvHead, as_json_lines, csv_head, format_of

AVRO, PARQUET = b"Obj\x01rest", b"PAR1rest"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", "CSV"),
        ("a.CSV", "CSV"),
        ("a.json", "JSON"),
        ("a.jsonl", "JSON"),
        ("a.ndjson", "JSON"),
        ("a.ion", "JSON"),
        ("a.avro", "AVRO"),
        ("a.parquet", "PARQUET"),
        ("a.orc", "ORC"),
        ("a.csv.gz", "CSV"),
        ("a.b.jsonl.gz", "JSON"),
    ],
)
def test_the_extension_says_the_format(tmp_path: Path, name: str, form: str) -> None:
    path = tmp_path / name
    path.write_bytes(AVRO)
    assert format_of(path) == form


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (AVRO, "AVRO"),
        (PARQUET, "PARQUET"),
        (b"ORC\x01", "ORC"),
        (b'{"a": 1}\n', "JSON"),
        (b"a,b\n", "CSV"),
        (b"", "CSV"),
        (gzip.compress(b'{"a": 1}\n', mtime=0), "JSON"),
    ],
)
def test_without_a_known_extension_the_first_bytes_say_it(file: Path, content: bytes, form: str) -> None:
    file.write_bytes(content)
    assert format_of(file) == form


def head_of(path: Path, *, delimiter: str = ",", quote: str = '"', encoding: str = "UTF-8") -> CsvHead:
    return csv_head(path, delimiter=delimiter, quote=quote, encoding=encoding)


def test_a_header_alone_has_no_rows(file: Path) -> None:
    file.write_bytes(b"id,name\n")
    assert head_of(file) == (["id", "name"], False)


def test_blank_lines_are_no_rows(file: Path) -> None:
    file.write_bytes(b"id,name\n\n\r\n")
    assert not head_of(file).has_rows


def test_a_line_break_in_a_quoted_name_does_not_end_the_header(file: Path) -> None:
    file.write_bytes(b'id,"two\nlines"\n')
    assert head_of(file) == (["id", "two\nlines"], False)


def test_the_mark_at_the_start_of_a_text_is_no_part_of_the_first_name(file: Path) -> None:
    file.write_bytes("id,name\n1,x\n".encode("utf-8-sig"))
    assert head_of(file) == (["id", "name"], True)


def test_a_packed_file_is_looked_into(file: Path) -> None:
    file.write_bytes(gzip.compress(b"id,name\n1,x\n", mtime=0))
    assert head_of(file) == (["id", "name"], True)


@pytest.mark.parametrize(
    ("delimiter", "content"), [("\t", b"a\tb\n"), ("tab", b"a\tb\n"), ("\\t", b"a\tb\n"), (";", b"a;b\n")]
)
def test_delimiters_are_those_of_bigquery(file: Path, delimiter: str, content: bytes) -> None:
    file.write_bytes(content)
    assert head_of(file, delimiter=delimiter).header == ["a", "b"]


def test_without_quotes_a_quote_is_a_letter(file: Path) -> None:
    file.write_bytes(b'"a",b\n')
    assert head_of(file, quote="").header == ['"a"', "b"]


def test_a_value_too_long_for_the_reader_is_left_to_bigquery(file: Path) -> None:
    file.write_bytes(b"id,text\n1," + b"x" * 200_000 + b"\n")
    assert head_of(file).has_rows


def test_ion_becomes_json_lines_with_exact_numbers(tmp_path: Path) -> None:
    path = tmp_path / "rows.ion"
    path.write_text(
        "{id:1,price:12345678901234567890.12,at:2026-11-25T01:02:03.5-00:00,raw:{{aGk=}},none:null.string}\n{\n id: 2\n}\n"
    )
    lines = as_json_lines(path)
    assert lines.suffix == ".jsonl"
    assert [json.loads(line) for line in lines.read_text().splitlines()] == [
        {"id": 1, "price": "12345678901234567890.12", "at": "2026-11-25T01:02:03.5", "raw": "aGk=", "none": None},
        {"id": 2},
    ]


def test_broken_ion_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.ion"
    path.write_text("{id:1}\n{id:}\n")
    with pytest.raises(TaskFailed, match=r"rows\.ion, from line 2"):
        as_json_lines(path)


def test_binary_ion_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.ion"
    path.write_bytes(b"\xe0\x01\x00\xea\x0f")
    with pytest.raises(TaskFailed, match="binary Ion"):
        as_json_lines(path)
