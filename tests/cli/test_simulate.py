"""`tiercel simulate`: what would happen, shown without running a task and without waiting."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.commands import Tiercel, typed

from tiercel.services import simulation

HTTP = "io.kestra.plugin.core.http.Request"
FLOW = f"""\
id: flow
namespace: test
inputs: [{{id: n, type: INT, defaults: 2}}]
tasks:
  - {{id: greet, type: io.kestra.plugin.core.debug.Return, format: "Hello {{{{ inputs.n }}}}"}}
  - {{id: fetch, type: {HTTP}, uri: "http://x", retry: {{type: constant, interval: PT10S, maxAttempts: 3}}}}
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [one, two]
    tasks: [{{id: call, type: {HTTP}, uri: "http://x"}}]
  - {{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b]
    tasks: [{{id: turn, type: {HTTP}, uri: "http://x"}}]
  - id: folder
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks: [{{id: inside, type: {HTTP}, uri: "http://x", retry: {{type: constant, interval: PT1S, maxAttempts: 2}}}}]
  - {{id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: sub, wait: true, transmitFailed: true,
     inputs: {{name: "{{{{ outputs.fetch.code ?? kv('x') }}}}"}}}}
errors:
  - {{id: oops, type: io.kestra.plugin.core.log.Log, message: oops}}
finally:
  - {{id: bye, type: io.kestra.plugin.core.log.Log, message: bye}}
"""
SUB = """\
id: sub
namespace: test
inputs: [{id: name, type: STRING}]
tasks:
  - {id: part, type: io.kestra.plugin.core.flow.Sequential, tasks: [
     {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }}"}]}
outputs: [{id: said, type: STRING, value: "{{ outputs.say.value }}"}]
"""


@pytest.fixture
def tiercel(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Tiercel:
    """`tiercel simulate` of the flow above, with more words."""
    (tmp_path / "flow.yaml").write_text(FLOW)
    (tmp_path / "sub.yaml").write_text(SUB)
    say = typed(monkeypatch, capsys)
    return lambda *words: say("simulate", str(tmp_path / "flow.yaml"), *words)


def of(folder: Path, tasks: str) -> str:
    path = folder / "other" / "flow.yaml"
    path.parent.mkdir()
    path.write_text(f"id: other\nnamespace: test\ntasks:\n{tasks}")
    return str(path)


def test_everything_goes_well_where_nothing_else_is_said(tiercel: Tiercel) -> None:
    said = tiercel()
    assert said.code == 0
    assert (
        said.out
        == f"""\
test.flow  SUCCESS  +0s … +3600s
  greet  SUCCESS  +0s
  fetch  SUCCESS  +0s
  each  SUCCESS  +0s
    call [one]  SUCCESS  +0s
    call [two]  SUCCESS  +0s
  nap  SUCCESS  +0s … +3600s
  loop  SUCCESS  +3600s
    test.flow #0  SUCCESS  +3600s
      turn  SUCCESS  +3600s
    test.flow #1  SUCCESS  +3600s
      turn  SUCCESS  +3600s
  folder  SUCCESS  +3600s
    inside  SUCCESS  +3600s
  sub  SUCCESS  +3600s
    test.sub  SUCCESS  +3600s
      part  SUCCESS  +3600s
        say  SUCCESS  +3600s
  bye  SUCCESS  +3600s
supposed:
  task fetch ({HTTP}) succeeds without outputs
  task call ({HTTP}) succeeds without outputs
  task turn ({HTTP}) succeeds without outputs
  task inside ({HTTP}) succeeds without outputs
  kv(errorOnMissing=true, inherit=true, key="x", namespace="test") is answered with its own text
"""
    )


def test_a_task_that_fails_is_tried_again_and_errors_and_finally_run(tiercel: Tiercel) -> None:
    said = tiercel("--fail", "fetch")
    assert said.code == 1
    assert (
        said.out
        == """\
test.flow  FAILED  +0s … +20s
  greet  SUCCESS  +0s
  fetch (3 attempts)  FAILED  +0s … +20s
  oops  SUCCESS  +20s
  bye  SUCCESS  +20s
"""
    )


@pytest.mark.parametrize(
    ("task", "shown"),
    [
        ("call[two]", "  each  FAILED  +0s\n    call [one]  SUCCESS  +0s\n    call [two]  FAILED  +0s\n  oops"),
        ("loop", "  loop  FAILED  +3600s\n  oops"),
        ("turn", "  loop  FAILED  +3600s\n    test.flow #0  FAILED  +3600s\n      turn  FAILED  +3600s\n  oops"),
        ("inside", "  folder  FAILED  +3600s\n    inside (2 attempts)  FAILED  +3600s\n  oops"),
        ("folder", "  folder  FAILED  +3600s\n    inside  SUCCESS  +3600s\n  oops"),
        ("part", "  sub  FAILED  +3600s\n    test.sub  FAILED  +3600s\n      part  FAILED  +3600s\n  oops"),
    ],
)
def test_any_task_can_fail(tiercel: Tiercel, task: str, shown: str) -> None:
    assert shown in tiercel("--fail", task).out


NESTED = f"""\
  - id: outer
    type: io.kestra.plugin.core.flow.Loop
    values: [1, 2]
    tasks:
      - {{id: mark, type: {HTTP}, uri: "http://x"}}
      - id: folder
        type: io.kestra.plugin.core.flow.WorkingDirectory
        tasks: [{{id: part, type: {HTTP}, uri: "http://x"}}]
      - {{id: call, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}}
      - id: inner
        type: io.kestra.plugin.core.flow.Loop
        values: [a, b]
        tasks: [{{id: deep, type: {HTTP}, uri: "http://x"}}]
      - id: each
        type: io.kestra.plugin.core.flow.ForEach
        values: [x, y]
        tasks:
          - id: steps
            type: io.kestra.plugin.core.flow.Sequential
            tasks: [{{id: step, type: {HTTP}, uri: "http://x"}}]
          - id: again
            type: io.kestra.plugin.core.flow.ForEach
            values: [m, n]
            tasks: [{{id: most, type: {HTTP}, uri: "http://x"}}]
"""


@pytest.mark.parametrize(
    ("task", "failed"),
    [
        ("mark[2]", ["test.other", "outer", "test.other #1", "mark"]),
        ("part[2]", ["test.other", "outer", "test.other #1", "folder", "part"]),
        ("call[2]", ["test.other", "outer", "test.other #1", "call"]),
        ("inner[2]", ["test.other", "outer", "test.other #1", "inner"]),
        ("deep[b]", ["test.other", "outer", "test.other #0", "inner", "test.other #1", "deep"]),
        ("step[y]", ["test.other", "outer", "test.other #0", "each", "steps [y]", "step"]),
        ("most[n]", ["test.other", "outer", "test.other #0", "each", "again [x]", "most [n]"]),
    ],
)
def test_a_task_can_fail_for_one_value_of_the_loop_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], task: str, failed: list[str]
) -> None:
    path = of(tmp_path, NESTED)
    said = typed(monkeypatch, capsys)("simulate", path, "--fail", task)
    shown = [line.partition("  FAILED")[0].strip() for line in said.out.splitlines() if "  FAILED" in line]
    assert (said.code, shown) == (1, failed), said


def test_a_value_that_no_loop_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = typed(monkeypatch, capsys)("simulate", of(tmp_path, NESTED), "--fail", "mark[3]")
    assert (said.code, said.err) == (2, "task 'mark' never runs for the value '3', but for: 1, 2\n")


def test_what_a_trigger_would_give_can_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say = "{id: say, type: io.kestra.plugin.core.debug.Return, format: '{{ trigger.body.n }} {{ trigger.by }}'}"
    hook = "{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: a-key-of-some-length}"
    path = of(tmp_path, f"  - {say}\ntriggers:\n  - {hook}\n")
    tiercel = typed(monkeypatch, capsys)
    said = tiercel("simulate", path, "--trigger", 'body={"n": 7}', "--trigger", "by=me", "--json")
    assert json.loads(said.out)["executions"][0]["taskRuns"][0]["outputs"] == {"value": "7 me"}
    whole = tiercel("simulate", path, "--trigger", '{"body": {"n": 7}, "by": "me"}', "--json")
    assert json.loads(whole.out)["state"] == "SUCCESS"
    wrong = tiercel("simulate", path, "--trigger", "body")
    assert (wrong.code, wrong.err) == (2, "--trigger body: write name=value\n")


def test_a_trigger_of_a_flow_without_triggers_is_refused(tiercel: Tiercel) -> None:
    said = tiercel("--trigger", "a=b")
    assert (said.code, said.err) == (2, "--trigger: the flow has no triggers\n")


def test_outputs_that_are_told_are_seen_by_what_comes_after(tiercel: Tiercel) -> None:
    said = tiercel("--outputs", 'fetch={"code": 7}', "--input", "n=3", "--label", "a=b", "--json")
    shown: dict[str, Any] = json.loads(said.out)
    main, *others = shown["executions"]
    assert main["taskRuns"][0]["outputs"] == {"value": "Hello 3"}
    assert others[-1]["outputs"] == {"said": "7"}
    assert (shown["state"], shown["brokenOff"]) == ("SUCCESS", False)
    assert [one["iteration"] for one in others] == [0, 1, None]
    assert [moment["state"] for moment in main["state"]["histories"]] == ["CREATED", "RUNNING", "SUCCESS"]


def test_an_expression_that_fails_for_want_of_outputs_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = f"""\
  - {{id: fetch, type: {HTTP}, uri: "http://x"}}
  - {{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{{{ outputs.fetch.body.name }}}}"}}
"""
    said = typed(monkeypatch, capsys)("simulate", of(tmp_path, tasks))
    assert said.code == 1
    assert "  say  FAILED  +0s" in said.out
    assert "  ERROR say " in said.out
    assert "fetch" in said.out.partition("ERROR say ")[2].splitlines()[0]


def test_executions_that_nobody_waits_for_are_shown_after_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: sub, wait: false, inputs: {name: a}}"
    path = of(tmp_path, f"  - {call}\n")
    Path(path).with_name("sub.yaml").write_text(SUB)
    said = typed(monkeypatch, capsys)("simulate", path)
    assert said.out.startswith("test.other  SUCCESS  +0s\n  call  SUCCESS  +0s\ntest.sub  SUCCESS  +0s\n  part  ")


def test_batches_of_a_file_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    items = "type: io.kestra.plugin.core.flow.ForEachItem, items: 'kestra:///x', namespace: test, flowId: sub"
    path = of(tmp_path, f"  - {{id: items, {items}, inputs: {{name: '{{{{ taskrun.items }}}}'}}}}\n")
    Path(path).with_name("sub.yaml").write_text(SUB)
    said = typed(monkeypatch, capsys)("simulate", path)
    assert said.code == 0
    assert said.out.count("test.sub  SUCCESS") == 1
    assert "kestra:///simulated/items_split.ion holds one value" in said.out


def test_an_execution_in_place_of_a_failed_one_is_shown_and_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    retry = "{type: constant, interval: PT5S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    tasks = f"""\
  - {{id: fetch, type: {HTTP}, uri: "http://x", retry: {retry}}}
"""
    said = typed(monkeypatch, capsys)("simulate", of(tmp_path, tasks), "--fail", "fetch")
    assert said.code == 1
    assert "test.other  FAILED  +5s" in said.out
    states = [line.split()[1] for line in said.out.splitlines() if line.startswith("test.other")]
    assert states == ["RETRIED", "FAILED"]


def test_what_waits_for_somebody_is_left_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = typed(monkeypatch, capsys)("simulate", of(tmp_path, "  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n"))
    assert said.code == 1
    assert "test.other  PAUSED  +0s" in said.out
    assert said.out.endswith("it waits for somebody: nobody resumes it in a simulation\n")


def test_a_flow_that_never_ends_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(simulation, "MOST_DECISIONS", 10)
    said = typed(monkeypatch, capsys)(
        "simulate", of(tmp_path, "".join(f"  - {{id: s{n}, type: {HTTP}, uri: 'http://x'}}\n" for n in range(9)))
    )
    assert "it would go on and on" in said.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--fail", "nope"), "there is no task 'nope'"),
        (("--outputs", "fetch=3"), "--outputs fetch: write a JSON object"),
        (("--outputs", "fetch"), "--outputs fetch: write name=value"),
        (("--input", "n=many"), "input n: "),
    ],
)
def test_a_wrong_command_line_is_refused(tiercel: Tiercel, words: tuple[str, ...], reason: str) -> None:
    said = tiercel(*words)
    assert (said.code, reason in said.err) == (2, True)
