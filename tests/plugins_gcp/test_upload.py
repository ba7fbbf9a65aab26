"""A file on its way."""

import threading
from pathlib import Path

import pytest

from tiercel_gcp.bigquery.upload import UploadFile, UploadStopped


def test_it_gives_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    with UploadFile(tmp_path / "file", threading.Event()) as file:
        assert (file.read(4), file.read(), file.tell()) == (b"abcd", b"ef", 6)


def test_it_gives_none_any_more_once_the_task_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    stopped = threading.Event()
    with UploadFile(tmp_path / "file", stopped) as file:
        assert file.read(1) == b"a"
        stopped.set()
        with pytest.raises(UploadStopped):
            file.read(1)
