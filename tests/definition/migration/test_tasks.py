"""Tasks of earlier versions, by their old names and forms, written anew."""

from textwrap import dedent

import pytest
from tests.definition.migration.flows import FLOW, HEAD, LOG, PAUSE, anew, by_hand, migrated

from tiercel.definition.migration import migrate


def test_names_change_and_everything_around_them_stays() -> None:
    text = """\
    inputs:
      - name: kind   # what to do
        type: ENUM
        values: [a]
      - {id: sure, type: "BOOLEAN"}
    tasks:
      # says hello
      - id: hello
        type: io.kestra.core.tasks.log.Log  # old
        message: "hello"
        retry: {type: constant, interval: PT1S, maxAttempt: 3}
        runIf: "{{ inputs.sure }}"
    checks:
      - condition: "{{ inputs.sure }}"
        message: be sure
    """
    expected = dedent(text).replace("name: kind", "id: kind").replace("ENUM", "SELECT").replace("BOOLEAN", "BOOL")
    expected = expected.replace("io.kestra.core.tasks.log.Log", LOG).replace("maxAttempt:", "maxAttempts:")
    assert anew(text) == expected.replace("runIf:", "when:").replace("condition:", "when:")


def test_a_type_of_somebody_elses_is_called_what_it_is_called() -> None:
    text = f"{HEAD}tasks: [{{id: a, type: com.company.folder.Copy}}]\n"
    assert migrate(text, resolve=lambda name: name, check=lambda text: ()).left == ()


def test_a_name_is_not_changed_where_the_new_one_stands_too() -> None:
    text = f"tasks:\n  - id: a\n    type: {LOG}\n    message: x\n    runIf: '{{{{ a }}}}'\n    when: '{{{{ b }}}}'\n"
    assert migrated(HEAD + text).text == HEAD + text


def test_an_input_with_defaults_is_required() -> None:
    text = f"""\
    inputs:
      - id: day
        type: DATE
        required: false  # people leave it out
        defaults: 2024-01-01
      - {{id: form, type: FORM, inputs: [{{id: name, type: STRING, required: false, defaults: Ada}}]}}
      - {{id: note, type: STRING, required: false}}
    tasks:
      - {{id: hello, type: {LOG}, message: hi}}
    """
    assert anew(text) == dedent(text).replace("false, defaults", "true, defaults").replace("false  #", "true  #")


def test_echo_becomes_log() -> None:
    text = "tasks:\n  - id: a\n    type: io.kestra.core.tasks.debugs.Echo\n    format: hello\n    level: WARN\n"
    assert anew(text) == f"tasks:\n  - id: a\n    type: {LOG}\n    message: hello\n    level: WARN\n"


def test_old_names_in_expressions_change() -> None:
    text = f"tasks:\n  - id: a\n    type: {LOG}\n    message: 'json(x): {{{{ json(vars.x).y | json }}}}'\nvariables:\n  x: '{{}}'\n"
    assert "message: 'json(x): {{ fromJson(vars.x).y | toJson }}'" in anew(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("runner: PROCESS\n", "taskRunner:\n      type: io.kestra.plugin.core.runner.Process\n"),
        (
            "docker:\n      image: python  # the image\n      pullPolicy: NEVER\n",
            "# the image\n    containerImage: python\n    taskRunner:\n"
            "      type: io.kestra.plugin.scripts.runner.docker.Docker\n      pullPolicy: NEVER\n",
        ),
    ],
)
def test_runners_become_task_runners(old: str, new: str) -> None:
    text = f"tasks:\n  - id: a\n    type: io.kestra.plugin.scripts.python.Script\n    {old}    script: print(1)\n"
    assert migrated(HEAD + text).text == HEAD + text.replace(old, new)


def test_scripts_of_0_10_keep_what_they_say() -> None:
    text = (
        "tasks:\n  - id: a\n    type: io.kestra.core.tasks.scripts.Bash\n    runner: DOCKER\n"
        "    dockerOptions:\n      image: alpine\n    commands:\n      - echo\n"
    )
    found = migrated(HEAD + text)
    assert (found.text, found.done, found.left) == (HEAD + text, (), ())


def test_the_tasks_of_a_pause_go_behind_it() -> None:
    assert (
        anew(PAUSE)
        == f"""\
tasks:
  - id: wait
    type: {FLOW}Pause
    pauseDuration: PT1S
  # what comes then
  - id: after
    type: {LOG}
    message: |
      two
        lines
  - id: end
    type: {LOG}
    message: x
"""
    )


def test_the_tasks_of_a_pause_stay_where_they_would_run_beside_it() -> None:
    inner = "".join(f"    {line}\n" for line in PAUSE.replace("delay", "pauseDuration").splitlines())
    [reason] = by_hand(f"tasks:\n  - id: par\n    type: {FLOW}Parallel\n{inner}")
    assert "runs beside it" in reason


def test_listeners_become_tasks_after_the_execution() -> None:
    text = f"""\
    listeners:
      - conditions:
          - type: io.kestra.plugin.core.condition.ExecutionStatus
            in: [FAILED, WARNING]
        tasks:
          - id: tell
            type: {LOG}
            message: it failed
    tasks:
      - id: a
        type: {LOG}
        message: x
    """
    when = """'{{ (execution.state == "FAILED" or execution.state == "WARNING") }}'"""
    tell = f"  - id: tell\n    type: {LOG}\n    when: {when}\n    message: it failed\n"
    assert anew(text) == f"afterExecution:\n{tell}tasks:\n  - id: a\n    type: {LOG}\n    message: x\n"
