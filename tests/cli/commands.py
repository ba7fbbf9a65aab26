"""Commands as they are typed, in this process: what they print and their exit code."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tiercel.cli.main import main


class Said(NamedTuple):
    code: int
    out: str
    err: str


Tiercel = Callable[..., Said]


def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tiercel:
    """A function that runs `tiercel` with the words it is given."""

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["tiercel", *words])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Said(int(left.value.code or 0), printed.out, printed.err)

    return run
