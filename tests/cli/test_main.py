"""The command itself: what holds whatever is called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.api.client import LOG

FLOW = f"id: one\nnamespace: cli.test\ntasks: [{{id: log, type: {LOG}, message: hello}}]\n"


@pytest.mark.parametrize("words", [["--version"], ["simulate"], ["run"], ["flow", "validate"]])
def test_a_reader_that_goes_away_ends_it_without_a_word(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "one.yaml").write_text(FLOW)
    given = [] if words == ["--version"] else [str(tmp_path / "one.yaml")]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        call = [sys.executable, "-c", "from tiercel.cli.main import main; main()", *words, *given]
        ended = subprocess.run(call, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, b"")
