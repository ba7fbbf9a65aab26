"""Bytes become lines, however they are cut into chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercel_scripts.lines import KEPT, LONGEST, Lines


def lines_of(*chunks: bytes, at: list[float] | None = None) -> list[str]:
    moments = iter(at or [])
    lines = Lines(lambda: next(moments, 0.0))
    found = [line for chunk in chunks for line in lines.feed(chunk)]
    return [*found, *lines.end()]


@given(st.text(st.characters(exclude_characters="\r", codec="utf-8")), st.lists(st.integers(1, 9), min_size=1))
def test_chunks_make_no_difference(text: str, sizes: list[int]) -> None:
    data, chunks = text.encode(), list[bytes]()
    while data:
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[:size])
        data = data[size:]
    expected = text.split("\n")
    assert lines_of(*chunks) == (expected if expected[-1] else expected[:-1])


def test_a_last_line_needs_no_break() -> None:
    assert lines_of(b"a\nb") == ["a", "b"]
    assert lines_of(b"a\n\nb\n") == ["a", "", "b"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert lines_of(b"a\xff\xfeb\n") == ["a��b"]


def test_a_long_line_is_cut_between_characters() -> None:
    line = "x" + "ü" * LONGEST
    pieces = lines_of(line.encode() + b"\nend")
    assert "".join(pieces[:-1]) == line
    assert [len(piece.encode()) <= LONGEST for piece in pieces] == [True] * 4
    assert pieces[-1] == "end"


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    lines = Lines()
    seen = [piece for _ in range(100) for piece in lines.feed(b"x" * 10_000)]
    assert len(seen) == 1_000_000 // LONGEST
    assert {len(piece) for piece in seen} == {LONGEST}


def test_a_protocol_line_may_be_long() -> None:
    line = "::{" + "x" * 3 * LONGEST + "}::"
    data = line.encode()
    assert lines_of(data[:100], data[100:LONGEST], data[LONGEST:], b"\nnext\n") == [line, "next"]


def hiding(secret: str) -> Lines:
    return Lines(lambda: 0.0, hide=lambda text: text.replace(secret, "******"))


@pytest.mark.parametrize("before", [LONGEST - 5, LONGEST + KEPT - 5, 2 * LONGEST - 3])
@pytest.mark.parametrize("size", [1000, 7, 64 * 1024])
def test_a_secret_across_a_cut_of_a_long_line_is_hidden(before: int, size: int) -> None:
    data = b"x" * before + "s\u00e9cret-word".encode() + b"y" * 2 * LONGEST + b"\n"
    lines = hiding("s\u00e9cret-word")
    pieces = [piece for start in range(0, len(data), size) for piece in lines.feed(data[start : start + size])]
    assert "".join(pieces) == "x" * before + "******" + "y" * 2 * LONGEST


def test_a_long_line_keeps_its_bad_bytes() -> None:
    assert "".join(lines_of(b"\xff" * 2 * LONGEST + b"\n")) == "\ufffd" * 2 * LONGEST


def test_windows_line_breaks_are_line_breaks() -> None:
    assert lines_of(b"a\r\nb\r", b"\nc\r\n") == ["a", "b", "c"]


def test_of_progress_the_last_state_stays() -> None:
    assert lines_of(b"10%\r20%\r100%\ndone\n", at=[0]) == ["100%", "done"]


def test_progress_is_shown_once_a_second() -> None:
    chunks = [b"1%\r", b"2%\r", b"3%\r", b"4%\r", b"5%\r", b"6%\r\n"]
    assert lines_of(*chunks, at=[0, 0.4, 1.1, 1.5]) == ["1%", "3%", "6%"]
    chunks = [b"\r1%", b"\r2%", b"\r3%", b"\r4%", b"\r5%\n"]
    assert lines_of(*chunks, at=[0, 0.4, 1.1]) == ["1%", "3%", "5%"]


def test_long_progress_does_not_fill_the_memory() -> None:
    lines = Lines(lambda: 0.0)
    for number in range(100_000):
        list(lines.feed(f"step {number}\r".encode()))
    assert list(lines.end()) == ["step 99999"]
