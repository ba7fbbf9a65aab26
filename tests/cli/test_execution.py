"""`tiercel execution`: started, looked at and steered from a terminal."""

import json
from pathlib import Path

from tests.api.client import LOG, Api
from tests.cli.commands import Tiercel

GREET = f"""
inputs:
  - {{id: name, type: STRING, defaults: World}}
  - {{id: data, type: FILE, required: false}}
tasks:
  - {{id: log, type: {LOG}, message: "hello {{{{ inputs.name }}}}{{{{ inputs.data is empty ? '' : read(inputs.data) }}}}"}}
"""
FAIL = "tasks: [{id: f, type: io.kestra.plugin.core.execution.Fail, errorMessage: on purpose}]"


def test_an_execution_is_started_and_waited_for(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    said = tiercel("execution", "start", f"{api.namespace}.greet", "-i", "name=Ann", "-l", "team:data", "--wait")
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0].endswith("Z INFO  log  hello Ann")
    assert " SUCCESS " in lines[1]


def test_a_file_is_given_by_its_path(tiercel: Tiercel, api: Api, tmp_path: Path) -> None:
    api.deploy("greet", GREET)
    (tmp_path / "who.txt").write_text(" and all")
    said = tiercel("execution", "start", f"{api.namespace}.greet", "-i", f"data=@{tmp_path}/who.txt", "--wait")
    assert "hello World and all" in said.out


def test_files_and_labels_are_written_as_for_a_run_too(tiercel: Tiercel, api: Api, tmp_path: Path) -> None:
    api.deploy("greet", GREET)
    (tmp_path / "who.txt").write_text(" and all")
    start = ("execution", "start", f"{api.namespace}.greet", "--wait")
    said = tiercel(*start, "-i", f"data={tmp_path}/who.txt", "-l", "team=a:b", "--json")
    assert {"key": "team", "value": "a:b"} in json.loads(said.out.splitlines()[-1])["labels"]
    assert "hello World and all" in said.out
    text = tiercel(*start, "-i", f"name={tmp_path}/who.txt")
    assert f"hello {tmp_path}/who.txt" in text.out


def test_the_exit_code_tells_a_failure(tiercel: Tiercel, api: Api) -> None:
    api.deploy("fail", FAIL)
    assert tiercel("execution", "start", f"{api.namespace}.fail", "--wait").code == 1


def test_what_was_started_is_listed_shown_and_logged(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    execution = api.run("greet")["id"]
    listed = tiercel("execution", "list", "--namespace", api.namespace, "--state", "SUCCESS")
    assert execution in listed.out
    assert listed.out.endswith("1 of 1\n")
    assert json.loads(tiercel("execution", "list", "--namespace", api.namespace, "--json").out)[0]["id"] == execution
    assert "log" in tiercel("execution", "get", execution).out
    assert json.loads(tiercel("execution", "get", execution, "--json").out)["id"] == execution
    assert tiercel("execution", "logs", execution).out.endswith("Z INFO  log  hello World\n")
    assert tiercel("execution", "logs", execution, "--level", "ERROR").out.strip() == ""


def test_executions_of_a_flow_are_listed_by_its_whole_name_too(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    api.deploy("dotted.greet", GREET)
    first, second = api.run("greet")["id"], api.run("dotted.greet")["id"]
    for flow, found in (
        ("greet", first),
        (f"{api.namespace}.greet", first),
        ("dotted.greet", second),
        (f"{api.namespace}.dotted.greet", second),
    ):
        said = tiercel("execution", "list", "--flow", flow, "--namespace", api.namespace)
        assert (said.out.endswith("1 of 1\n"), found in said.out) == (True, True), (flow, said)


def test_a_reason_that_stands_in_the_summary_is_told_once(tiercel: Tiercel) -> None:
    said = tiercel("execution", "list", "--state", "FAILD")
    assert (said.code, said.err.count("not 'FAILD'")) == (1, 1)


def test_what_is_refused_is_told_in_words(tiercel: Tiercel, api: Api, tmp_path: Path) -> None:
    api.deploy("greet", GREET)
    for words in (
        ("start", f"{api.namespace}.nope"),
        ("start", f"{api.namespace}.greet", "-l", "nocolon"),
        ("get", "nope"),
        ("logs", "nope"),
        ("start", f"{api.namespace}.greet", "-i", f"data=@{tmp_path}/nope.txt"),
        ("start", f"{api.namespace}.greet", "-i", "no-equals-sign"),
        ("start", "nodot"),
    ):
        said = tiercel("execution", *words)
        assert said.code in (1, 2), words
        assert said.err, words
        assert "Traceback" not in said.err
