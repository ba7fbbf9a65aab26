"""Outputs of task runs, and the files of an execution: its own, and no others."""

from pathlib import Path
from typing import Any

import pytest
from tests.api.client import Api, good

FILE = """
inputs: [{id: data, type: FILE}]
tasks:
  - {id: out, type: io.kestra.plugin.core.output.OutputValues, values: {file: "{{ inputs.data }}", n: 1}}
  - {id: log, type: io.kestra.plugin.core.log.Log, message: x}
"""


def run_with(api: Api, name: str, content: bytes) -> tuple[str, str]:
    """An execution with a file, and the file's URI."""
    files = [("data", (name, content))]
    answer = good(api.ask("POST", f"/executions/{api.namespace}/file", files=files, params={"wait": "true"})).json()
    return answer["id"], answer["inputs"]["data"]


@pytest.fixture
def filed(api: Api) -> Api:
    api.deploy("file", FILE)
    return api


def test_outputs_are_an_index_and_then_each_by_itself(filed: Api) -> None:
    execution, uri = run_with(filed, "a.txt", b"x")
    [only] = filed.get(f"/outputs/{execution}")
    assert (only["taskId"], only["inline"]) == ("out", True)
    assert filed.get(f"/outputs/{execution}/{only['taskRunId']}") == {"values": {"file": uri, "n": 1}}
    runs = filed.get(f"/executions/{execution}")["taskRunList"]
    assert filed.ask("GET", f"/outputs/{execution}/{runs[1]['id']}").status_code == 404


def test_a_file_is_downloaded_whole(filed: Api) -> None:
    content = bytes(range(256)) * 8192
    execution, uri = run_with(filed, "big data.bin", content)
    answer = filed.ask("GET", f"/executions/{execution}/file", params={"path": uri})
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert filed.get(f"/executions/{execution}/file/metas", path=uri) == {"size": len(content)}


def test_a_file_of_another_execution_is_not_given(filed: Api) -> None:
    execution, _ = run_with(filed, "a.txt", b"mine")
    _, foreign = run_with(filed, "a.txt", b"theirs")
    assert filed.ask("GET", f"/executions/{execution}/file", params={"path": foreign}).status_code == 404


@pytest.mark.parametrize("path", ["/etc/passwd", "kestra:///../../etc/passwd", "file:///etc/passwd", "", "kestra://x"])
def test_a_path_that_leads_elsewhere_is_refused(filed: Api, path: str) -> None:
    execution, _ = run_with(filed, "a.txt", b"x")
    for route in ("file", "file/metas", "file/preview"):
        assert filed.ask("GET", f"/executions/{execution}/{route}", params={"path": path}).status_code in (404, 422)


def test_a_path_that_climbs_out_of_the_execution_is_refused(filed: Api) -> None:
    execution, uri = run_with(filed, "a.txt", b"x")
    folder = uri.partition("/inputs/")[0]
    path = f"{folder}/../../../secret"
    assert filed.ask("GET", f"/executions/{execution}/file", params={"path": path}).status_code == 422


def test_a_path_is_needed(filed: Api) -> None:
    execution, _ = run_with(filed, "a.txt", b"x")
    assert filed.ask("GET", f"/executions/{execution}/file").status_code == 422


def test_a_file_that_is_gone_is_not_found(filed: Api, shared_server: Any) -> None:
    execution, uri = run_with(filed, "gone.txt", b"x")
    storage: Path = shared_server.base.foundation.home / "storage"
    next(storage.rglob("gone.txt")).unlink()
    assert filed.ask("GET", f"/executions/{execution}/file", params={"path": uri}).status_code == 404


PREVIEWS: list[tuple[str, bytes, dict[str, Any]]] = [
    ("a.txt", b"one\ntwo\n", {"extension": "txt", "type": "TEXT", "content": "one\ntwo", "truncated": False}),
    ("a.md", b"# one\n", {"extension": "md", "type": "MARKDOWN", "content": "# one", "truncated": False}),
    (
        "a.csv",
        b"a,b\n1,2\n",
        {"extension": "csv", "type": "LIST", "content": [{"a": "1", "b": "2"}], "truncated": False},
    ),
    ("a.jsonl", b'{"a":1}\n', {"extension": "jsonl", "type": "LIST", "content": [{"a": 1}], "truncated": False}),
    (
        "a.ion",
        b'{a:1,b:"x"}\n',
        {"extension": "ion", "type": "LIST", "content": [{"a": 1, "b": "x"}], "truncated": False},
    ),
    ("a.png", b"\x89PNG", {"extension": "png", "type": "IMAGE", "content": "iVBORw==", "truncated": False}),
    ("a.pdf", b"%PDF", {"extension": "pdf", "type": "PDF", "content": "JVBERg==", "truncated": False}),
    ("noname", b"x", {"extension": "", "type": "TEXT", "content": "x", "truncated": False}),
]


@pytest.mark.parametrize(("name", "content", "wanted"), PREVIEWS, ids=[name for name, _, _ in PREVIEWS])
def test_a_preview_shows(filed: Api, name: str, content: bytes, wanted: dict[str, Any]) -> None:
    execution, uri = run_with(filed, name, content)
    assert filed.get(f"/executions/{execution}/file/preview", path=uri) == wanted


def test_a_preview_is_cut_after_as_many_rows_as_wanted(filed: Api) -> None:
    execution, uri = run_with(filed, "a.csv", b"n\n" + b"".join(b"%d\n" % n for n in range(10)))
    found = filed.get(f"/executions/{execution}/file/preview", path=uri, maxRows=3)
    assert (len(found["content"]), found["truncated"]) == (3, True)


def test_a_preview_of_a_big_file_reads_its_beginning(filed: Api) -> None:
    execution, uri = run_with(filed, "a.txt", b"x" * 3_000_000)
    found = filed.get(f"/executions/{execution}/file/preview", path=uri)
    assert (len(found["content"]), found["truncated"]) == (1024 * 1024, True)


def test_a_preview_takes_the_encoding_it_is_told(filed: Api) -> None:
    execution, uri = run_with(filed, "a.txt", "größer".encode("latin-1"))
    path = f"/executions/{execution}/file/preview"
    assert filed.get(path, path=uri, encoding="ISO-8859-1")["content"] == "größer"
    assert filed.get(path, path=uri, encoding="no-such")["content"] == "gr��er"
