"""`tiercel test`: unit tests of flows, as they are typed."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.cli.commands import Tiercel, typed

CORE = "io.kestra.plugin.core."
FLOW = f"""
id: flow
namespace: test
inputs: [{{id: name, type: STRING}}]
tasks:
  - {{id: fetch, type: {CORE}execution.Fail, errorMessage: the world was asked}}
  - {{id: greet, type: {CORE}debug.Return, format: "{{{{ outputs.fetch.value }}}} {{{{ inputs.name }}}}"}}
  - id: fork
    type: {CORE}flow.If
    condition: "{{{{ inputs.name == 'Bo' }}}}"
    then: [{{id: rare, type: {CORE}debug.Return, format: rare}}]
"""
CASE = """
id: suite
namespace: test
flowId: flow
testCases:
  - id: greets
    fixtures:
      inputs: {name: Ada}
      tasks: [{id: fetch, outputs: {value: Hi}}]
    assertions: [{value: "{{ outputs.greet.value }}", equalTo: "Hi Ada"}]
"""


@pytest.fixture
def tiercel(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tiercel:
    """Needs no server."""
    return typed(monkeypatch, capsys)


def write(folder: Path, *, suite: str = CASE, flow: str = FLOW) -> Path:
    (folder / "flow.yaml").write_text(flow)
    path = folder / "flow_test.yaml"
    path.write_text(suite)
    return path


def results(tiercel: Tiercel, path: Path, *words: str) -> Any:
    return json.loads(tiercel("test", str(path), "--json", *words).out)["suites"][0]["results"]


def test_a_task_with_a_fixture_does_not_run_and_assertions_see_its_outputs(tiercel: Tiercel, tmp_path: Path) -> None:
    said = tiercel("test", str(write(tmp_path)))
    assert said.code == 0
    assert "✓ greets" in said.out


def test_what_does_not_hold_is_told(tiercel: Tiercel, tmp_path: Path) -> None:
    path = write(tmp_path, suite=CASE.replace("Hi Ada", "Bye Ada"))
    said = tiercel("test", str(path))
    assert said.code == 1
    assert '"Hi Ada" is not equal to "Bye Ada"' in said.out


def test_an_execution_that_fails_is_a_failure_unless_it_is_expected(tiercel: Tiercel, tmp_path: Path) -> None:
    without = CASE.replace("      tasks: [{id: fetch, outputs: {value: Hi}}]\n", "").partition("    assertions")[0]
    [result] = results(tiercel, write(tmp_path, suite=without))
    assert (result["state"], result["errors"][0]["details"]) == ("FAILED", "fetch: the world was asked")
    [result] = results(tiercel, write(tmp_path, suite=without + "    expectedState: FAILED\n"))
    assert (result["state"], result["executionState"]) == ("SUCCESS", "FAILED")


def test_an_expression_that_cannot_be_rendered_is_an_error(tiercel: Tiercel, tmp_path: Path) -> None:
    [result] = results(tiercel, write(tmp_path, suite=CASE.replace("outputs.greet", "outputs.great")))
    assert (result["state"], "outputs.great" in result["errors"][0]["message"]) == ("ERROR", True)


def test_files_and_a_trigger_are_given(tiercel: Tiercel, tmp_path: Path) -> None:
    flow = f"""
id: flow
namespace: test
tasks:
  - {{id: load, type: {CORE}http.Download, uri: "https://example.com"}}
  - {{id: show, type: {CORE}debug.Return, format: "{{{{ read(outputs.load.uri) }}}} {{{{ trigger.date }}}}"}}
"""
    suite = """
id: suite
namespace: test
flowId: flow
testCases:
  - id: reads
    fixtures:
      files: {page.txt: a page}
      tasks: [{id: load, outputs: {uri: "{{ files['page.txt'] }}"}}]
      trigger: {id: t, type: any.Trigger, variables: {date: today}}
    assertions: [{value: "{{ outputs.show.value }}", equalTo: a page today}]
"""
    assert [one["state"] for one in results(tiercel, write(tmp_path, suite=suite, flow=flow))] == ["SUCCESS"]


def test_what_waits_for_a_person_is_an_error_and_not_for_ever(tiercel: Tiercel, tmp_path: Path) -> None:
    flow = f"id: flow\nnamespace: test\ntasks: [{{id: ask, type: {CORE}flow.Pause}}]"
    suite = "id: suite\nnamespace: test\nflowId: flow\ntestCases: [{id: waits}]"
    [result] = results(tiercel, write(tmp_path, suite=suite, flow=flow))
    assert (result["state"], "ask" in result["errors"][0]["message"]) == ("ERROR", True)


def test_what_takes_too_long_is_ended(tiercel: Tiercel, tmp_path: Path) -> None:
    flow = f"id: flow\nnamespace: test\ntasks: [{{id: nap, type: {CORE}flow.Sleep, duration: PT10M}}]"
    suite = "id: suite\nnamespace: test\nflowId: flow\ntestCases: [{id: waits}]"
    [result] = results(tiercel, write(tmp_path, suite=suite, flow=flow), "--timeout", "0.1")
    assert "0.1 s" in result["errors"][0]["message"]


def test_tests_within_a_flow_and_subflows_beside_it_are_run(tiercel: Tiercel, tmp_path: Path) -> None:
    parent = f"""
id: parent
namespace: test
tasks: [{{id: call, type: {CORE}flow.Subflow, namespace: test, flowId: child}}]
tests: [{{id: calls, assertions: [{{value: "{{{{ outputs.call.outputs.o }}}}", equalTo: here}}]}}]
"""
    child = f"""
id: child
namespace: test
tasks: [{{id: a, type: {CORE}debug.Return, format: here}}]
outputs: [{{id: o, type: STRING, value: "{{{{ outputs.a.value }}}}"}}]
"""
    (tmp_path / "parent.yaml").write_text(parent)
    (tmp_path / "child.yaml").write_text(child)
    assert [one["state"] for one in results(tiercel, tmp_path / "parent.yaml")] == ["SUCCESS"]


def test_flows_may_lie_elsewhere(tiercel: Tiercel, tmp_path: Path) -> None:
    flows, tests = tmp_path / "flows" / "deep", tmp_path / "tests"
    flows.mkdir(parents=True)
    tests.mkdir()
    (flows / "flow.yaml").write_text(FLOW)
    (tests / "flow.yaml").write_text(CASE)
    assert tiercel("test", str(tests), "--flows", str(tmp_path / "flows")).code == 0
    missing = tiercel("test", str(tests))
    assert (missing.code, "flow.yaml:4:9: there is no flow test.flow" in missing.err) == (2, True)


def test_what_is_wrong_in_a_file_is_told_with_its_line_and_the_others_run(tiercel: Tiercel, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "wrong.yaml").write_text(CASE.replace("fetch", "fecth"))
    said = tiercel("test", str(tmp_path))
    assert (said.code, "✓ greets" in said.out) == (2, True)
    assert "wrong.yaml:9:20: the flow has no task `fecth`; did you mean `fetch`?" in said.err


def test_tasks_that_no_test_came_to_are_named(tiercel: Tiercel, tmp_path: Path) -> None:
    said = tiercel("test", str(write(tmp_path)), "--coverage")
    assert "test.flow: tests came to 3 of 4 tasks, 1 of them as fixtures; not: rare" in said.out


def test_results_are_written_for_machines(tiercel: Tiercel, tmp_path: Path) -> None:
    suite = CASE.replace("Hi Ada", "<&> Ada") + "  - {id: left_out, disabled: true}\n"
    target = tmp_path / "junit.xml"
    tiercel("test", str(write(tmp_path, suite=suite)), "--junit", str(target))
    root = ElementTree.parse(target).getroot()
    assert root[0].attrib | {"timestamp": ""} == {
        "name": "test.suite", "tests": "2", "failures": "1", "errors": "0", "skipped": "1", "timestamp": "",
    }  # fmt: skip
    assert [child.tag for case in root[0] for child in case] == ["failure", "skipped"]


def test_tests_of_a_flow_with_a_limit_do_not_meet_it(tiercel: Tiercel, tmp_path: Path) -> None:
    flow = FLOW + "concurrency: {limit: 1, behavior: FAIL}\n"
    many = CASE + "".join(
        f"  - {{id: more{n}, fixtures: {{inputs: {{name: Ada}}, tasks: [{{id: fetch, outputs: {{value: Hi}}}}]}}}}\n"
        for n in range(5)
    )
    assert {one["state"] for one in results(tiercel, write(tmp_path, suite=many, flow=flow))} == {"SUCCESS"}


def test_where_there_is_nothing_to_test_it_says_so(tiercel: Tiercel, tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(FLOW)
    assert tiercel("test", str(tmp_path)).code == 2
    assert tiercel("test", str(tmp_path / "gone.yaml")).code == 2


def test_a_file_beside_the_tests_that_is_no_text_is_named(tiercel: Tiercel, tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "picture.yaml").write_bytes(b"\xff\xd8")
    said = tiercel("test", str(path))
    assert (said.code, f"{tmp_path}/picture.yaml: this is no text" in said.err) == (2, True)
