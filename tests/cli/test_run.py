"""`tiercel run`: what is shown, what is printed when something is wrong, and the exit codes."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tiercel.cli.run_once import ENDED_BADLY, ENDED_WELL, NOT_USABLE, Wanted, run_once
from tiercel.cli.run_watch import run_whenever_changed
from tiercel.model.log import Level

TIERCEL = Path(sys.executable).parent / "tiercel"
HELLO = """\
id: hello
namespace: test
inputs:
  - {id: name, type: STRING, defaults: world}
  - {id: times, type: INT, defaults: 1}
tasks:
  - {id: greet, type: io.kestra.plugin.core.debug.Return, format: "Hello, {{ inputs.name }}!"}
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.greet.value }}"}
outputs:
  - {id: greeting, type: STRING, value: "{{ outputs.greet.value }}"}
"""
PARENT = """\
id: parent
namespace: test
tasks:
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: hello, wait: true}
outputs:
  - {id: said, type: STRING, value: "{{ outputs.sub.outputs.greeting }}"}
"""
FAILING = """\
id: failing
namespace: test
inputs:
  - {id: order, type: STRING, defaults: A1}
tasks:
  - {id: fine, type: io.kestra.plugin.core.log.Log, message: fine}
  - id: boom
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: "order {{ inputs.order }} is broken"
"""
BROKEN = """\
id: broken
namespace: test
tasks:
  - {id: one, type: io.kestra.plugin.core.log.Lag, message: x}
  - {id: two, type: io.kestra.plugin.core.log.Log, mesage: x}
"""
LOOPING = """\
id: looping
namespace: test
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.Loop
    values: [one, two]
    tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "{{ item.value }}"}]
"""
PAUSED = """\
id: paused
namespace: test
tasks: [{id: wait, type: io.kestra.plugin.core.flow.Pause}]
"""
SHORT_PAUSE = """\
id: short
namespace: test
tasks: [{id: wait, type: io.kestra.plugin.core.flow.Pause, pauseDuration: PT0.05S}]
"""
TELLING = """\
id: telling
namespace: test
inputs: [{id: word, type: SECRET}]
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: hello}]
outputs:
  - {id: token, type: STRING, value: "{{ secret('TOKEN') }}"}
  - {id: said, type: STRING, value: "the word is {{ inputs.word }}"}
  - {id: plain, type: STRING, value: seen}
"""
ASKED_IN_TURN = """\
id: in_turn
namespace: test
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.Loop
    values: [1, 2]
    concurrencyLimit: 1
    tasks:
      - {id: wait, type: io.kestra.plugin.core.flow.Pause, pauseDuration: PT0.05S}
      - {id: may, type: io.kestra.plugin.core.flow.Approval, timeout: PT0.05S, expireBehavior: CONTINUE}
"""
FOR_EVER_IN_ONE = ASKED_IN_TURN.replace("in_turn", "in_one").replace(", pauseDuration: PT0.05S", "")
NAP = """\
id: nap
namespace: test
tasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}]
"""
FILE = """\
id: file
namespace: test
inputs: [{id: data, type: FILE}]
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "{{ read(inputs.data) }}"}]
"""
ASKING = """\
id: asking
namespace: test
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: sure, type: BOOL}]
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "sure: {{ outputs.wait.onResume.sure }}"}
"""
BROKEN_LOOP = """\
id: broken_loop
namespace: test
tasks:
  - id: outer
    type: core.flow.Loop
    values: [1, 2]
    tasks:
      - id: inner
        type: core.flow.Loop
        values: "{{ item.value == '1' ? [] : ['b'] }}"
        tasks:
          - {id: boom, type: core.execution.Fail, errorMessage: "no luck with {{ item.value }}"}
"""
CALLING = """\
id: calling
namespace: test
tasks:
  - {id: call, type: core.flow.Subflow, namespace: test, flowId: failing, wait: true, transmitFailed: true,
     inputs: {order: B2}}
"""
PYTHON = """\
id: python
namespace: test
tasks: [{id: script, type: io.kestra.plugin.scripts.python.Script, script: print("from Python")}]
"""
WARNING = """\
id: warning
namespace: test
tasks: [{id: soft, type: io.kestra.plugin.core.execution.Fail, allowFailure: true}]
"""


RETRIED = """
id: retried
namespace: company.team
retry: {type: constant, behavior: CREATE_NEW_EXECUTION, maxAttempts: 3, interval: PT0.01S}
tasks:
  - {id: shaky, type: core.execution.Fail, condition: "{{ execution.id == execution.originalId }}"}
  - {id: say, type: core.log.Log, message: it went well}
"""


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A folder of flow files."""
    sources = {
        "hello": HELLO,
        "retried": RETRIED,
        "parent": PARENT,
        "failing": FAILING,
        "broken": BROKEN,
        "looping": LOOPING,
        "paused": PAUSED,
        "short": SHORT_PAUSE,
        "in_turn": ASKED_IN_TURN,
        "telling": TELLING,
        "in_one": FOR_EVER_IN_ONE,
        "nap": NAP,
        "file": FILE,
        "asking": ASKING,
        "python": PYTHON,
        "broken_loop": BROKEN_LOOP,
        "calling": CALLING,
        "warning": WARNING,
    }
    for name, source in sources.items():
        (tmp_path / f"{name}.yaml").write_text(source)
    return tmp_path


async def test_a_good_run_shows_lines_task_runs_outputs_and_the_end(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_once(Wanted(flows / "hello.yaml", ("name=you",))) == ENDED_WELL
    out, err = capsys.readouterr()
    assert "INFO  say  Hello, you!" in out
    assert "✓ greet  SUCCESS" in out
    assert "  greeting: Hello, you!" in out
    assert " ended SUCCESS in " in out.splitlines()[-1]
    assert err == ""


async def test_a_warning_is_no_failure(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "warning.yaml")) == ENDED_WELL
    assert "ended WARNING" in capsys.readouterr().out


async def test_an_execution_that_takes_the_place_of_another_is_followed_too(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_once(Wanted(flows / "retried.yaml")) == ENDED_WELL
    lines = capsys.readouterr().out.splitlines()
    shown = ("✗ shaky  RETRIED", "takes its place", "INFO  say  it went well", "✓ say  SUCCESS", "ended SUCCESS")
    assert all(any(part in line for line in lines) for part in shown), lines


async def test_flows_beside_the_file_are_there_for_subflows(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "parent.yaml")) == ENDED_WELL
    out, _ = capsys.readouterr()
    assert "INFO  say  Hello, world!" in out
    assert "  said: Hello, world!" in out


async def test_the_lines_of_iterations_are_shown(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "looping.yaml")) == ENDED_WELL
    lines = [line.rsplit(maxsplit=1)[-1] for line in capsys.readouterr().out.splitlines() if "INFO  say" in line]
    assert lines == ["one", "two"]


async def test_a_failure_fits_one_screen_and_says_where(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "failing.yaml")) == ENDED_BADLY
    lines = capsys.readouterr().out.splitlines()
    screen = lines[lines.index("✗ task boom failed in attempt 1") :]
    assert screen[1] == f"  {flows / 'failing.yaml'}:7"
    assert screen[2] == "     7 |   - id: boom"
    assert "  error: order A1 is broken" in screen
    assert "    order: A1" in screen
    assert "ended FAILED" in screen[-1]
    assert len(screen) < 25


async def test_environments_of_python_are_kept_for_the_next_run(
    flows: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIERCEL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TIERCEL_SCRIPTS_DATA_ENVIRONMENT", "")
    assert await run_once(Wanted(flows / "python.yaml")) == ENDED_WELL
    assert "building the Python environment of no packages" in capsys.readouterr().out
    assert await run_once(Wanted(flows / "python.yaml")) == ENDED_WELL
    out = capsys.readouterr().out
    assert "from Python" in out
    assert "building" not in out


async def test_where_nothing_can_be_kept_scripts_run_all_the_same(
    flows: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TIERCEL_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("TIERCEL_SCRIPTS_DATA_ENVIRONMENT", "")
    assert await run_once(Wanted(flows / "python.yaml")) == ENDED_WELL


async def test_a_loop_that_failed_says_which_task_of_it_did_and_why(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_once(Wanted(flows / "broken_loop.yaml")) == ENDED_BADLY
    lines = capsys.readouterr().out.splitlines()
    screen = lines[lines.index("✗ task boom for value b failed in attempt 1") :]
    assert screen[1:5] == [
        "  in iteration 0 (b) of inner",
        "  in iteration 1 (2) of outer",
        f"  {flows / 'broken_loop.yaml'}:12",
        '    12 |           - {id: boom, type: core.execution.Fail, errorMessage: "no luck with {{ item.value }}"}',
    ]
    assert "  error: no luck with b" in screen


async def test_a_subflow_that_failed_says_which_task_of_it_did_and_why(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_once(Wanted(flows / "calling.yaml")) == ENDED_BADLY
    lines = capsys.readouterr().out.splitlines()
    screen = lines[lines.index("✗ task boom failed in attempt 1") :]
    assert screen[1].startswith("  in execution ")
    assert screen[1].endswith(" of test.failing, which call started")
    assert screen[2] == "  error: order B2 is broken"
    assert "    order: B2" in screen


async def test_every_problem_is_told_with_its_line(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "broken.yaml")) == NOT_USABLE
    err = capsys.readouterr().err
    assert f"{flows / 'broken.yaml'}:4:21: error:" in err
    assert "    4 |   - {id: one, type: io.kestra.plugin.core.log.Lag, message: x}" in err
    assert "mesage" in err
    assert "^^^^^^" in err


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        (("times=often",), "input times:"),
        (("name",), "--input name: write name=value"),
    ],
)
async def test_wrong_inputs_are_told_and_nothing_runs(
    flows: Path, capsys: pytest.CaptureFixture[str], inputs: tuple[str, ...], told: str
) -> None:
    assert await run_once(Wanted(flows / "hello.yaml", inputs)) == NOT_USABLE
    out, err = capsys.readouterr()
    assert told in err
    assert out == ""


async def test_an_unknown_input_is_a_warning(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "hello.yaml", ("nam=you",))) == ENDED_WELL
    assert "no input 'nam'" in capsys.readouterr().err


async def test_a_missing_file_is_told(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "nobody.yaml")) == NOT_USABLE
    assert "cannot be read: No such file" in capsys.readouterr().err


async def test_a_local_file_is_stored_for_a_file_input(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (flows / "data.txt").write_text("the data")
    assert await run_once(Wanted(flows / "file.yaml", (f"data={flows / 'data.txt'}",))) == ENDED_WELL
    assert "say  the data" in capsys.readouterr().out


@pytest.mark.parametrize("at", ["", "@"])
@pytest.mark.parametrize("label", ["team=a:b", "team:a:b"])
async def test_files_and_labels_are_written_as_for_a_server_too(
    flows: Path, capsys: pytest.CaptureFixture[str], at: str, label: str
) -> None:
    (flows / "data.txt").write_text("the data")
    wanted = Wanted(flows / "file.yaml", (f"data={at}{flows / 'data.txt'}",), (label,), json=True)
    assert await run_once(wanted) == ENDED_WELL
    document = json.loads(capsys.readouterr().out)
    assert {"key": "team", "value": "a:b"} in document["labels"]


async def test_lines_below_a_level_are_left_out(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "failing.yaml", level=Level.ERROR)) == ENDED_BADLY
    out = capsys.readouterr().out
    assert "INFO  fine  fine" not in out
    assert "ERROR boom  order A1 is broken" in out.partition("✗ task boom")[0]


async def test_a_pause_nobody_ends_is_told_and_fails(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "paused.yaml")) == ENDED_BADLY
    out, err = capsys.readouterr()
    assert "give the Pause a pauseDuration" in err
    assert "ended KILLED" in out


async def test_a_pause_with_a_duration_is_waited_for(flows: Path) -> None:
    assert await run_once(Wanted(flows / "short.yaml")) == ENDED_WELL


async def test_secrets_are_starred_in_the_outputs_that_people_see(
    flows: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", base64.b64encode(b"from-the-environment").decode())
    assert await run_once(Wanted(flows / "telling.yaml", inputs=("word=open-sesame",))) == ENDED_WELL
    out, _ = capsys.readouterr()
    assert "token: '******'\n" in out
    assert "said: the word is ******" in out
    assert "plain: seen" in out


async def test_what_ends_by_itself_is_waited_for_in_iterations_too(flows: Path) -> None:
    assert await run_once(Wanted(flows / "in_turn.yaml")) == ENDED_WELL


async def test_a_pause_nobody_ends_in_an_iteration_is_told_and_fails(flows: Path) -> None:
    assert await run_once(Wanted(flows / "in_one.yaml")) == ENDED_BADLY


async def test_json_is_one_document_on_the_output(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_once(Wanted(flows / "hello.yaml", json=True)) == ENDED_WELL
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["outputs"] == {"greeting": "Hello, world!"}
    assert document["state"]["current"] == "SUCCESS"
    assert [run["taskId"] for run in document["taskRunList"]] == ["greet", "say"]
    assert "Hello, world!" in err


def test_watching_runs_again_after_a_change(
    flows: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = flows / "hello.yaml"

    def change_once_then_leave(seconds: float) -> None:
        if "changed" in file.read_text():
            raise KeyboardInterrupt
        file.write_text(HELLO.replace("Hello,", "changed:"))

    monkeypatch.setattr("tiercel.cli.run_watch.time.sleep", change_once_then_leave)
    assert run_whenever_changed(Wanted(file)) == ENDED_WELL
    out = capsys.readouterr().out
    assert out.index("Hello, world!") < out.index("changed: world!")


# The real command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def napping(flows: Path) -> Iterator[subprocess.Popen[str]]:
    """`tiercel run` in the middle of a long flow."""
    command = [str(TIERCEL), "run", str(flows / "nap.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Waiting for" in line:
                break
        yield process
        process.kill()


def test_the_command_runs_the_example(checkout: Path) -> None:
    done = subprocess.run(
        [TIERCEL, "run", checkout / "examples" / "hello.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ended SUCCESS" in done.stdout


def test_ctrl_c_kills_the_execution_and_says_so(napping: subprocess.Popen[str]) -> None:
    napping.send_signal(signal.SIGINT)
    out, err = napping.communicate(timeout=20)
    assert napping.returncode == ENDED_BADLY
    assert "ended KILLED" in out
    assert "Ctrl+C again leaves at once" in err


def test_the_version_is_told_without_building_the_command_line() -> None:
    code = "import sys; sys.argv = ['tiercel', '--version']; from tiercel.cli.main import main; main(); print(len(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, modules = done.stdout.split("\n")[:2]
    assert version.startswith("tiercel ")
    assert int(modules) < 300


def test_a_wrong_option_is_a_usage_error() -> None:
    done = subprocess.run([TIERCEL, "run", "x.yaml", "--nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode == NOT_USABLE


def test_a_pause_asks_in_the_terminal_until_the_answer_fits(flows: Path) -> None:
    ours, theirs = os.openpty()
    command = [str(TIERCEL), "run", str(flows / "asking.yaml")]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as process:
        os.close(theirs)
        for question, answer in (("[Y/n]", "y"), ("sure (BOOL):", "perhaps"), ("sure (BOOL):", "true")):
            _read_until(ours, question)
            os.write(ours, f"{answer}\n".encode())
        _read_until(ours, "sure: true")
        _read_until(ours, "ended SUCCESS")
        assert process.wait(20) == ENDED_WELL
    os.close(ours)


ASKING_FOR_A_SECRET = """
id: hidden
namespace: test
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: word, type: SECRET}]}
  - {id: length, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.wait.onResume.word | length }} letters"}
"""


def test_a_secret_that_is_typed_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "hidden.yaml").write_text(ASKING_FOR_A_SECRET)
    ours, theirs = os.openpty()
    command = [str(TIERCEL), "run", str(tmp_path / "hidden.yaml")]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as process:
        os.close(theirs)
        for question, answer in (("[Y/n]", "y"), ("word (SECRET):", "sesame")):
            _read_until(ours, question)
            os.write(ours, f"{answer}\n".encode())
        assert "sesame" not in _read_until(ours, "6 letters")
        _read_until(ours, "ended SUCCESS")
        assert process.wait(20) == ENDED_WELL
    os.close(ours)


def _read_until(terminal: int, wanted: str) -> str:
    seen = ""
    while wanted not in seen:
        seen += os.read(terminal, 1).decode(errors="replace")
    return seen
