"""`tiercel run --trace` and `tiercel replay`: what is written, and what comes of it when it is decided again."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from tests.cli.commands import Said, Tiercel, typed

SUB = """\
id: sub
namespace: test
inputs: [{id: name, type: STRING}]
tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }} {{ uuid() }}"}]
outputs: [{id: said, type: STRING, value: "{{ outputs.say.value }}"}]
"""
FLOW = """\
id: flow
namespace: test
labels: {team: one}
tasks:
  - {id: now, type: io.kestra.plugin.core.debug.Return, format: "{{ now() }} {{ uuid() }}"}
  - {id: more, type: io.kestra.plugin.core.execution.Labels, labels: {more: "{{ outputs.now.value }}"}}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b, c]
    tasks:
      - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: sub, wait: true,
         inputs: {name: "{{ item.value }}"}}
    outputs: [{id: said, type: STRING, value: "{{ outputs.call.outputs.said }}"}]
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.01S}
  - {id: boom, type: io.kestra.plugin.core.execution.Fail, allowFailure: true}
"""
KEPT = """\
id: kept
namespace: test
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "{{ secret('TOKEN') }}"}]
"""

SEALED = """\
id: sealed
namespace: test
inputs: [{id: pass, type: SECRET, defaults: hush}]
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "it is {{ inputs.pass }}"}]
outputs: [{id: pass, type: SECRET, value: "{{ inputs.pass }}"}]
"""


@pytest.fixture
def tiercel(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tiercel:
    return typed(monkeypatch, capsys)


@pytest.fixture
def trace(tiercel: Tiercel, tmp_path: Path) -> Path:
    """Of a run that does a little of everything."""
    (tmp_path / "sub.yaml").write_text(SUB)
    return traced(tiercel, tmp_path, FLOW)


def traced(tiercel: Tiercel, folder: Path, flow: str) -> Path:
    path, trace = folder / "flow.yaml", folder / "trace.jsonl"
    path.write_text(flow)
    tiercel("run", str(path), "--trace", str(trace))
    return trace


def lines(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


def test_every_decision_comes_to_the_same_again(tiercel: Tiercel, trace: Path) -> None:
    said = tiercel("replay", str(trace))
    assert said.code == 0
    assert said.out.splitlines()[-1].endswith("of 7 executions taken again: all the same")


def test_what_was_encrypted_in_the_run_is_read_again_and_shown_to_nobody(tiercel: Tiercel, tmp_path: Path) -> None:
    trace = traced(tiercel, tmp_path, SEALED)
    said = tiercel("replay", str(trace))
    assert said.code == 0, said.out
    assert "hush" not in said.out + tiercel("replay", str(trace), "--json").out


def test_events_decisions_and_commands_are_shown(tiercel: Tiercel, trace: Path) -> None:
    shown = tiercel("replay", str(trace)).out
    assert "created → RUNNING\n    now  SUBMITTED\n    ▸ RunInstant ord=0 attempt=1" in shown
    assert "    boom  WARNING" in shown
    *entries, verdict = lines(tiercel("replay", str(trace), "--json"))
    assert verdict == {"decisions": len(entries), "executions": 7}
    commands = [command["command"] for entry in entries for command in entry.get("commands", ())]
    assert commands.count("StartIteration") == commands.count("CreateExecution") == 3


@pytest.mark.parametrize(
    ("written", "changed", "place"),
    [
        ('"state":"WARNING"', '"state":"SUCCESS"', "progress"),
        ('"key":"team"', '"key":"crew"', "labels"),
        ("allowFailure: true", "allowFailure: false", "execution, state\n    recorded: WARNING\n    now:      FAILED"),
    ],
)
def test_what_comes_to_something_else_is_found(
    tiercel: Tiercel, trace: Path, written: str, changed: str, place: str
) -> None:
    text = trace.read_text()
    assert written in text
    trace.write_text(text.replace(written, changed))
    said = tiercel("replay", str(trace))
    assert said.code == 1
    assert "commits differ, the first in" in said.out
    assert place in said.out


def test_a_history_that_makes_no_sense_any_more_is_broken_off(tiercel: Tiercel, trace: Path) -> None:
    trace.write_text(trace.read_text().replace('"name":"sleep:', '"name":"sleepless:'))
    said = tiercel("replay", str(trace))
    assert said.code == 1
    assert "the rest cannot be: attempt 1 of task run 4 ran, and is not under way when told again" in said.out


def test_a_trace_that_ends_early_is_replayed_as_far_as_it_goes(tiercel: Tiercel, trace: Path) -> None:
    trace.write_text("".join(trace.read_text().splitlines(keepends=True)[:3]))
    assert "all the same" in tiercel("replay", str(trace)).out


def test_an_execution_that_nobody_made_is_named(tiercel: Tiercel, trace: Path) -> None:
    head, *pages = trace.read_text().splitlines(keepends=True)
    iterations = [page for page in pages if '"loop"' in page and '"iteration":{' in page]
    trace.write_text(head + "".join(iterations))
    said = tiercel("replay", str(trace))
    assert said.code == 1
    assert "the trace does not say how" in said.out


def test_a_trace_of_another_release_is_replayed_with_a_word_about_it(tiercel: Tiercel, trace: Path) -> None:
    head, rest = trace.read_text().split("\n", 1)
    trace.write_text(json.dumps({**json.loads(head), "release": "0.0.1"}) + "\n" + rest)
    said = tiercel("replay", str(trace))
    assert said.code == 0
    assert "the trace was written by release 0.0.1" in said.err


def test_what_is_secret_is_in_the_trace_for_its_owner_and_hidden_where_it_is_shown(
    tiercel: Tiercel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "aHVzaC1odXNoLWh1c2g=")
    trace = traced(
        tiercel, tmp_path, KEPT.replace("Log, message:", "Log, runIf: \"{{ secret('TOKEN') != '' }}\", message:")
    )
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600
    assert "hush-hush-hush" in trace.read_text()
    said = tiercel("replay", str(trace))
    assert said.code == 0
    assert "hush" not in tiercel("replay", str(trace), "--json").out


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is no trace that can be replayed"),
        ("{}\n", "is no trace that can be replayed"),
        ('{"seq": 0, "event": {"event": "created"}}\n', "`tiercel run --trace` writes one"),
        ('{"trace":99,"release":"9","zone":"UTC","flows":[]}\n', "written in format 99"),
        ('{"trace":1,"release":"9","zone":"Moon/Base","flows":[]}\n', "does not know the time zone Moon/Base"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_trace_is_refused(tiercel: Tiercel, tmp_path: Path, content: str | None, reason: str) -> None:
    path = tmp_path / "trace.jsonl"
    if content is not None:
        path.write_text(content)
    said = tiercel("replay", str(path))
    assert (said.code, reason in said.err) == (2, True)


def test_a_trace_that_cannot_be_written_ends_the_run_before_it_begins(tiercel: Tiercel, tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(SUB)
    said = tiercel("run", str(tmp_path / "flow.yaml"), "-i", "name=a", "--trace", str(tmp_path / "no" / "trace"))
    assert said.code == 2
    assert "cannot be written: No such file" in said.err
