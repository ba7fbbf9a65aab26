"""Files of Ion text, value by value."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tiercel.sdk import TaskFailed
from tiercel.sdk.ion import read_ion_file


def values(folder: Path, text: str) -> list[Any]:
    path = folder / "rows.ion"
    path.write_text(text)
    return list(read_ion_file(path))


def test_each_line_is_a_value(tmp_path: Path) -> None:
    assert values(tmp_path, '{a:1,"b":"x"}\n{a:2}\n') == [{"a": 1, "b": "x"}, {"a": 2}]


def test_values_on_one_line_are_all_there(tmp_path: Path) -> None:
    assert values(tmp_path, '{a:1} {a:2} 3 "z"') == [{"a": 1}, {"a": 2}, 3, "z"]


def test_a_value_may_go_on_over_lines(tmp_path: Path) -> None:
    text = "{ a: [1,\n  2], // a bracket in a comment: {\n  b: 'in a name [', c: \"in a text (\" }\n{a: 3}\n"
    assert values(tmp_path, text) == [{"a": [1, 2], "b": "in a name [", "c": "in a text ("}, {"a": 3}]


def test_blank_lines_are_nothing(tmp_path: Path) -> None:
    assert values(tmp_path, "\n\n1\n\n") == [1]


def test_numbers_and_bytes_stay_exact(tmp_path: Path) -> None:
    found = values(tmp_path, "12345678901234567890.10 1d3 2.5e0 {{ aGk= }} null.decimal")
    assert found == [Decimal("12345678901234567890.10"), Decimal("1e3"), 2.5, b"hi", None]
    assert [type(value) for value in found[:3]] == [Decimal, Decimal, float]


def test_a_moment_whose_offset_nobody_knows_has_none(tmp_path: Path) -> None:
    found = values(tmp_path, "2026-11-25T01:02:03-00:00 2026-11-25T01:02:03Z")
    assert found == ["2026-11-25T01:02:03", "2026-11-25T01:02:03Z"]


@pytest.mark.parametrize("text", ["1\n{a:}\n", "1\n{a:1\n", "1\n}\n"])
def test_a_broken_value_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(TaskFailed, match=r"rows\.ion, from line 2: "):
        values(tmp_path, text)
