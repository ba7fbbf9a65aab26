"""One task or trigger by itself."""

from tests.definition.catalog import SmallCatalog

from tiercel.definition import check_task, check_trigger, legacy_body


def test_a_right_task_has_no_problems() -> None:
    assert check_task('id: a\ntype: core.log.Log\nmessage: "{{ outputs.other.x }}"\n', SmallCatalog()) == ()


def test_paths_and_lines_are_those_of_the_task() -> None:
    problems = check_task("id: a\ntype: core.log.Log\ntimeout: soon\n", SmallCatalog())
    assert [(problem.path, problem.line) for problem in problems] == [("message", 1), ("timeout", 3)]
    assert (legacy_body(problems) or "").startswith("message: must not be null\ntimeout: ")


def test_a_task_without_an_id_says_so() -> None:
    problems = check_task("type: core.log.Log\nmessage: hi\n", SmallCatalog())
    assert legacy_body(problems) == "id: must not be null\nid: must not be blank\n"


def test_tasks_inside_the_task_are_checked_too() -> None:
    body = "id: a\ntype: core.flow.Sequential\ntasks:\n  - id: b\n    type: core.log.Lag\n"
    assert [(one.code, one.path, one.line) for one in check_task(body, SmallCatalog())] == [
        ("unknown-type", "tasks[0].type", 5)
    ]


def test_a_trigger_is_checked_as_a_trigger() -> None:
    (problem,) = check_trigger('{"id": "t", "type": "core.trigger.Schedule", "cron": "nope"}', SmallCatalog())
    assert (problem.path, problem.line) == ("cron", 1)
    assert (legacy_body([problem]) or "").startswith(": invalid cron expression 'nope'")


def test_what_is_no_yaml_is_told_once() -> None:
    assert [problem.code for problem in check_task("a: [", SmallCatalog())] == ["unclosed"]
