"""What is kept as it is written, what can never run, and conditions of 1.x."""

import pytest
from tests.definition.catalog import SmallCatalog

from tiercel.definition import Problem, Severity, check, errors, legacy_text, read

LOG = "{id: %s, type: core.log.Log, message: hi}"
TASKS = f"tasks: [{LOG % 'a'}]\n"


def problems(body: str) -> tuple[Problem, ...]:
    return check(read(f"id: one\nnamespace: my.team\n{body}"), SmallCatalog())


def told(body: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in problems(body)]


def test_a_quota_has_its_three_properties_within_their_limits() -> None:
    assert told(TASKS + "quotas: [{duration: PT1H, limit: 3, behavior: FAIL}]\n") == []
    assert told(TASKS + "quotas: [{duration: PT10S, limit: 0, behavior: WAIT}]\n") == [
        ("value", "quotas[0].duration"),
        ("value", "quotas[0].limit"),
        ("value", "quotas[0].behavior"),
    ]
    assert [code for code, _ in told(TASKS + "quotas: [{}]\n")] == ["missing"] * 3


def test_files_of_the_namespace_are_said_in_known_words() -> None:
    task = "tasks:\n  - {id: d, type: core.flow.WorkingDirectory, tasks: [%s], namespaceFiles: {%s}}\n"
    right = "enabled: true, include: ['*.py'], ifExists: OVERWRITE"
    assert told(task % (LOG % "a", right)) == []
    wrong = "enabled: maybe, includes: [x], exclude: 3, ifExists: REPLACE"
    assert sorted(told(task % (LOG % "a", wrong))) == [
        ("unknown-property", "tasks[0].namespaceFiles.includes"),
        ("value", "tasks[0].namespaceFiles.enabled"),
        ("value", "tasks[0].namespaceFiles.exclude"),
        ("value", "tasks[0].namespaceFiles.ifExists"),
    ]


@pytest.mark.parametrize("routing", ["workerGroup: {key: large}", "workerSelector: {tags: [large]}"])
def test_a_task_of_a_working_directory_does_not_choose_its_worker(routing: str) -> None:
    folder = "tasks:\n  - {id: d, type: core.flow.WorkingDirectory, %s, tasks: [%s], errors: [%s]}\n"
    routed = (LOG % "a").replace("}", f", {routing}}}", 1)
    routed_error = (LOG % "b").replace("}", f", {routing}}}", 1)
    found = [
        one for one in problems(folder % ("timeout: PT1H", routed, routed_error)) if one.severity is Severity.ERROR
    ]
    assert [(one.code, one.path) for one in found] == [("misplaced", f"tasks[0].tasks[0].{routing.split(':')[0]}")]
    assert "only supported at the WorkingDirectory level" in (legacy_text(found) or "")


def test_tags_of_workers_are_names_of_hosts() -> None:
    routed = (LOG % "a").replace("}", ", workerSelector: {tags: [%s]}}")
    assert told(f"tasks: [{routed % 'gpu, large-1'}]\n") == []
    for tag in ("Gpu", "big_one", "end-", "-start"):
        [problem] = problems(f"tasks: [{routed % tag}]\n")
        assert (problem.code, problem.path) == ("pattern", "tasks[0].workerSelector.tags[0]")
        assert problem.message.endswith("write small letters and digits, and between them also `-`")
    [many] = problems(f"tasks: [{routed % ', '.join('abcdefghijklmnopqrstu')}]\n")
    assert (many.code, many.message) == ("too-long", "`tags` holds 21 entries; 20 are the most")


def test_old_names_of_properties_are_told_and_work() -> None:
    task = (LOG % "a").replace("}", ", runIf: 'true'}")
    check_ = "checks: [{condition: 'true', message: m}]\n"
    found = problems(f"tasks: [{task}]\n{check_}")
    assert [(one.code, one.path) for one in found] == [
        ("old-spelling", "tasks[0].runIf"),
        ("old-spelling", "checks[0].condition"),
    ]
    assert "`when`" in found[0].message
    options = "inputs: [{id: a, type: MULTISELECT, options: [x]}]\n"
    assert told(options + TASKS) == [("deprecated", "inputs[0].options")]


def test_a_word_of_the_api_is_a_warning_as_the_id_of_a_flow() -> None:
    text = f"id: executions\nnamespace: my.team\n{TASKS}"
    assert [one.code for one in check(read(text), SmallCatalog())] == ["reserved-id"]


@pytest.mark.parametrize("end", ["{id: end, type: core.execution.Exit}"])
def test_what_stands_behind_an_end_never_runs(end: str) -> None:
    assert told(f"tasks: [{end}, {LOG % 'b'}, {LOG % 'c'}]\n") == [("unreachable-task", "tasks[1].id")]


def test_an_end_with_a_condition_or_beside_others_ends_nothing() -> None:
    sometimes = '{id: end, type: core.execution.Exit, when: "{{ inputs }}"}'
    assert told(f"tasks: [{sometimes}, {LOG % 'b'}]\n") == []
    beside = f"{{id: p, type: core.flow.Parallel, tasks: [{{id: end, type: core.execution.Exit}}, {LOG % 'b'}]}}"
    assert told(f"tasks: [{beside}]\n") == []


def test_a_branch_whose_condition_is_written_out_is_told() -> None:
    branches = f"then: [{LOG % 'a'}], else: [{LOG % 'b'}]"
    assert told(f"tasks: [{{id: c, type: core.flow.If, condition: true, {branches}}}]\n") == [
        ("unreachable-task", "tasks[0].else")
    ]
    assert told(f"tasks: [{{id: c, type: core.flow.If, condition: false, {branches}}}]\n") == [
        ("unreachable-task", "tasks[0].then")
    ]
    assert told("tasks: [{id: a, type: core.log.Log, message: x, when: false}]\n") == [
        ("unreachable-task", "tasks[0].when")
    ]


def trigger(conditions: str) -> str:
    return f'{TASKS}triggers: [{{id: s, type: core.trigger.Schedule, cron: "* * * * *", conditions: [{conditions}]}}]\n'


def test_conditions_are_checked_at_any_depth() -> None:
    found = errors(
        problems(
            trigger("{type: core.condition.Or, conditions: [{type: core.condition.DayWeek, dayOfWeek: MONDY, dat: x}]}")
        )
    )
    assert [(one.code, one.path, one.fix) for one in found] == [
        ("choice", "triggers[0].conditions[0].conditions[0].dayOfWeek", "MONDAY"),
        ("unknown-property", "triggers[0].conditions[0].conditions[0].dat", "date"),
    ]


def test_an_unknown_condition_within_another_is_told_as_a_type() -> None:
    (found,) = errors(problems(trigger("{type: core.condition.Not, conditions: [{type: core.condition.Nope}]}")))
    assert (found.code, found.path) == ("unknown-type", "triggers[0].conditions[0].conditions[0].type")
    assert found.legacy == "Invalid type: core.condition.Nope"


def test_an_old_name_of_a_condition_is_an_info() -> None:
    found = problems(trigger("{type: io.kestra.core.models.conditions.types.WeekendCondition}"))
    assert [one.code for one in found] == ["deprecated", "alias"]


def test_a_type_in_the_wrong_list_says_where_it_belongs() -> None:
    (found,) = errors(problems("tasks: [{id: a, type: core.trigger.Webhook, key: x}]\n"))
    assert (found.code, found.path) == ("misplaced-type", "tasks[0].type")
    assert "`triggers`" in found.message


def test_a_plugin_default_without_type_or_values_is_refused_in_the_original_words() -> None:
    text = legacy_text(problems(TASKS + "pluginDefaults: [{values: {level: WARN}}, {type: core.log.Log}]\n")) or ""
    assert "Invalid Plugin Default: No 'type' provided" in text
    assert "Invalid Plugin Default: No 'values' provided" in text


def test_two_letters_that_changed_places_are_seen_in_a_short_name() -> None:
    (found,) = errors(problems("tasks: [{id: q, type: core.debug.Return}]\nsal: []\n"))
    assert found.fix == "sla"


def test_a_number_is_no_mapping_and_no_list() -> None:
    assert told("tasks: [{id: a, type: core.execution.Labels, labels: 3}]\n") == [("wrong-type", "tasks[0].labels")]
    assert told("tasks: [{id: a, type: core.execution.SetVariables, variables: 3}]\n") == [
        ("wrong-type", "tasks[0].variables")
    ]
    (found,) = problems(f"tasks: [{{id: a, type: core.flow.ForEach, values: 3, tasks: [{LOG % 'b'}]}}]\n")
    assert (found.path, found.severity) == ("tasks[0].values", Severity.WARNING)


def test_labels_of_a_task_have_key_and_value() -> None:
    labels = "[{key: a, value: b}, {key: c, valeu: d}, {kye: e, value: [f]}]"
    assert sorted(told(f"tasks: [{{id: a, type: core.execution.Labels, labels: {labels}}}]\n")) == [
        ("missing", "tasks[0].labels[1].value"),
        ("missing", "tasks[0].labels[2].key"),
        ("wrong-type", "tasks[0].labels[2].value"),
    ]


def test_a_duration_as_people_say_it_is_mended() -> None:
    task = "tasks: [{id: p, type: core.flow.Pause, pauseDuration: %s}]\n"
    for written, meant in (("5m", "PT5M"), ("30 seconds", "PT30S"), ("2 hours", "PT2H"), ("1d", "P1D"), ("soon", None)):
        (found,) = problems(task % written)
        assert (found.code, found.fix) == ("value", meant)


def test_a_misspelt_property_of_an_object_within_is_mended() -> None:
    body = f"checkFrequency: {{maxIteration: 3}}, tasks: [{LOG % 'a'}]"
    (found,) = problems(f"tasks: [{{id: l, type: core.flow.LoopUntil, condition: x, {body}}}]\n")
    assert (found.code, found.fix) == ("unknown-property", "maxIterations")


def test_a_task_where_a_list_of_tasks_is_meant_says_how_to_begin_it() -> None:
    (found,) = problems(f'tasks: [{{id: i, type: core.flow.If, condition: "{{{{ labels.x }}}}", then: {LOG % "a"}}}]\n')
    assert found.message.endswith("begin each entry with `- `")
