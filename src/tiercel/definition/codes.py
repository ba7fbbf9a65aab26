"""Every code of a problem: what it means, and a flow that has it. The reference page and its test are made from this."""

import msgspec


class Code(msgspec.Struct, frozen=True):
    meaning: str
    """What is wrong, and what to do."""
    example: str
    """A flow that is told so."""


def _flow(body: str) -> str:
    return f"id: example\nnamespace: company.team\n{body}"


def _task(properties: str) -> str:
    return _flow(f"tasks:\n  - id: hello\n{properties}")


_HELLO = "tasks:\n  - id: hello\n    type: io.kestra.plugin.core.log.Log\n    message: Hello\n"
_LOG = "    type: io.kestra.plugin.core.log.Log\n"
_RETURN = "    type: io.kestra.plugin.core.debug.Return\n"
_SCHEDULE = "    type: io.kestra.plugin.core.trigger.Schedule\n"

_OF_THE_TEXT = {
    "syntax": Code(
        "The text is no YAML at this place. The message says what YAML takes there.",
        _flow("tasks:\n  - id: hello: world\n"),
    ),
    "unclosed": Code("A bracket, brace or quote is opened here and never closed.", _flow("tasks: [{id: hello\n")),
    "several-documents": Code(
        "A second document begins here. A file with several flows is taken by imports and by the command line, "
        "not where one flow is expected.",
        _flow(_HELLO) + "---\nid: other\n",
    ),
    "unreadable": Code("A character that cannot stand in YAML.", _flow('description: "\x07"\n' + _HELLO)),
    "too-much": Code(
        "The text is larger, deeper or, through its aliases, more than a flow can be.",
        _flow("variables: &all\n  again: *all\n" + _HELLO),
    ),
    "number": Code(
        "A number that cannot be kept as one. Put it in quotes to have its text.",
        _flow("variables: {huge: 1.0e999999}\n" + _HELLO),
    ),
    "duplicate-key": Code("A name stands twice in one mapping.", _flow("description: a\ndescription: b\n" + _HELLO)),
    "unquoted-expression": Code(
        "An expression without quotes is a mapping inside a mapping to YAML.",
        _task(_LOG + "    message: {{ inputs.name }}\n"),
    ),
    "not-a-flow": Code("The text is YAML, but no mapping with the names a flow has.", "- hello\n- world\n"),
}

_OF_VALUES = {
    "missing": Code("A property that is needed is not there, or has no value.", _task(_LOG)),
    "empty": Code("A text, list or mapping must hold something.", _flow("tasks: []\n")),
    "unknown-property": Code(
        "Nothing of this name is known there. Where it is near a known name, that one is the fix.",
        _task(_LOG + "    mesage: Hello\n"),
    ),
    "wrong-type": Code(
        "A value of another kind is wanted: a list, a text, a number.", _flow("disabled: perhaps\n" + _HELLO)
    ),
    "choice": Code(
        "The value is none of the words that are taken.", _flow("inputs:\n  - {id: name, type: STRNG}\n" + _HELLO)
    ),
    "pattern": Code(
        "An id or namespace has a character it cannot have.", "id: my flow\nnamespace: company.team\n" + _HELLO
    ),
    "too-long": Code(
        "An id, a name or a list is longer than it may be.", f"id: {'a' * 101}\nnamespace: company.team\n{_HELLO}"
    ),
    "limit": Code("A number is smaller or larger than it may be.", _flow("concurrency: {limit: 0}\n" + _HELLO)),
    "value": Code(
        "A value is refused by what it is for: a duration, a date, a cron expression, a time zone, or the properties of a type.",
        _task(_LOG + "    message: Hello\n    timeout: 5 minutes\n"),
    ),
    "order": Code(
        "Two durations of a retry stand in the wrong order.",
        _task(_LOG + "    message: Hello\n    retry: {type: constant, interval: PT10M, maxDuration: PT5M}\n"),
    ),
}

_OF_TYPES = {
    "unknown-type": Code(
        "Nobody knows a type of this name. Where it is near a known one, that one is the fix.",
        _task("    type: io.kestra.plugin.core.log.Lgo\n    message: Hello\n"),
    ),
    "not-installed": Code(
        "The type is known, but no plugin that is installed brings it. The message says which one to install, or that "
        "there is none yet. Its properties are checked all the same.",
        _task("    type: io.kestra.plugin.zulip.ZulipIncomingWebhook\n    url: https://example.org\n"),
    ),
    "misplaced-type": Code(
        "A trigger among the tasks, or the other way round.",
        _task("    type: io.kestra.plugin.core.trigger.Webhook\n    key: 4wjtkzwVGBM9yKnjm3yv8r\n"),
    ),
    "alias": Code(
        "The type has a new name. The old one works.",
        _task("    type: io.kestra.core.tasks.log.Log\n    message: Hello\n"),
    ),
    "deprecated": Code(
        "The property works, and there is a present one to write instead.",
        _flow("tasks:\n  - {id: wait, type: io.kestra.plugin.core.flow.Pause, delay: PT1S}\n"),
    ),
    "no-effect": Code(
        "The property does nothing here.",
        _flow(
            "tasks:\n  - id: all\n    type: io.kestra.plugin.core.flow.Sequential\n    timeout: PT1M\n"
            "    tasks:\n      - {id: hello, type: io.kestra.plugin.core.log.Log, message: Hello}\n"
        ),
    ),
    "misplaced": Code(
        "The property cannot stand here: the tasks of a WorkingDirectory share the worker of the WorkingDirectory.",
        _flow(
            "tasks:\n  - id: folder\n    type: io.kestra.plugin.core.flow.WorkingDirectory\n    tasks:\n"
            "      - id: hello\n        type: io.kestra.plugin.core.log.Log\n        message: Hello\n"
            "        workerSelector: {tags: [large]}\n"
        ),
    ),
    "old-spelling": Code(
        "The property has a new name. The old one works.",
        _task(_LOG + "    message: Hello\n    runIf: \"{{ flow.namespace == 'company.team' }}\"\n"),
    ),
    "not-runnable": Code(
        "Tasks of a WorkingDirectory run one by one on a worker: none of them can be a flowable.",
        _flow(
            "tasks:\n  - id: folder\n    type: io.kestra.plugin.core.flow.WorkingDirectory\n    tasks:\n"
            "      - id: all\n        type: io.kestra.plugin.core.flow.Sequential\n        tasks:\n"
            "          - {id: hello, type: io.kestra.plugin.core.log.Log, message: Hello}\n"
        ),
    ),
}

_OF_NAMES = {
    "duplicate-id": Code(
        "An id is used twice. Ids of tasks are unique in the whole flow, whatever they are nested in.",
        _flow(_HELLO + _HELLO.removeprefix("tasks:\n")),
    ),
    "reserved-id": Code(
        "Earlier servers refuse this id of a flow, for it is a word of their API.",
        f"id: executions\nnamespace: company.team\n{_HELLO}",
    ),
    "recursion": Code(
        "The flow calls itself: every execution would start another one.",
        _task("    type: io.kestra.plugin.core.flow.Subflow\n    namespace: company.team\n    flowId: example\n"),
    ),
    "circle": Code(
        "Tasks of a Dag wait for each other, so none of them can start.",
        _flow(
            "tasks:\n  - id: dag\n    type: io.kestra.plugin.core.flow.Dag\n    tasks:\n"
            "      - task: {id: a, type: io.kestra.plugin.core.log.Log, message: a}\n        dependsOn: [b]\n"
            "      - task: {id: b, type: io.kestra.plugin.core.log.Log, message: b}\n        dependsOn: [a]\n"
        ),
    ),
    "unknown-task": Code(
        "A task of a Dag waits for one that is not in it.",
        _flow(
            "tasks:\n  - id: dag\n    type: io.kestra.plugin.core.flow.Dag\n    tasks:\n"
            "      - task: {id: a, type: io.kestra.plugin.core.log.Log, message: a}\n        dependsOn: [b]\n"
        ),
    ),
    "label": Code("A label has a key it cannot have, or no value.", _flow("labels: {system.owner: me}\n" + _HELLO)),
    "subflow": Code(
        "The flow that is called is not there, is disabled, or is not given the inputs it needs. Told where the other "
        "flows are known: by the server, not by the command line.",
        _task("    type: io.kestra.plugin.core.flow.Subflow\n    namespace: company.team\n    flowId: nobody\n"),
    ),
}

_OF_INPUTS = {
    "input": Code(
        "An input contradicts itself, or is given a value it does not take.",
        _flow("inputs:\n  - {id: count, type: INT, defaults: many}\n" + _HELLO),
    ),
    "output": Code(
        "The literal value of an output is none of its type.",
        _flow(_HELLO + "outputs:\n  - {id: count, type: INT, value: three}\n"),
    ),
    "unseen-input": Code(
        "An input names another one in an expression without depending on it, so it may have no value yet.",
        _flow(
            "inputs:\n  - {id: first, type: STRING}\n"
            '  - {id: second, type: STRING, defaults: "{{ inputs.first }}"}\n' + _HELLO
        ),
    ),
    "missing-inputs": Code(
        "A trigger gives no value to an input that needs one.",
        _flow(
            f'inputs:\n  - {{id: name, type: STRING}}\n{_HELLO}triggers:\n  - id: daily\n{_SCHEDULE}    cron: "@daily"\n'
        ),
    ),
    "unknown-input": Code(
        "A trigger gives a value to an input that the flow does not have.",
        _flow(f'{_HELLO}triggers:\n  - id: daily\n{_SCHEDULE}    cron: "@daily"\n    inputs: {{name: Ann}}\n'),
    ),
    "webhook-key": Code(
        "The `key` of a Webhook has a `/`, so that no address leads to it. Use letters, digits, `-` and `_`.",
        _flow(_HELLO + "triggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: a/b\n"),
    ),
    "every-execution": Code(
        "A Flow trigger without conditions fires for every execution of every flow.",
        _flow(f"{_HELLO}triggers:\n  - id: after\n    type: io.kestra.plugin.core.trigger.Flow\n"),
    ),
}

_OF_EXPRESSIONS = {
    "expression": Code(
        "An expression cannot be read, or calls something with arguments it does not take. It fails when it is rendered.",
        _task(_LOG + '    message: "{{ 1 + }}"\n'),
    ),
    "dash": Code(
        "A dash after a name subtracts. A key that has one is written in brackets and quotes.",
        _flow(
            "inputs:\n  - {id: my-name, type: STRING}\ntasks:\n  - id: hello\n"
            + _LOG
            + '    message: "{{ inputs.my-name }}"\n'
        ),
    ),
    "unknown-name": Code(
        "An expression names a task, input or variable that the flow does not have.",
        _task(_LOG + '    message: "{{ inputs.name }}"\n'),
    ),
    "unrendered": Code(
        "A variable that holds an expression is put in as it is written. `render(vars.day)` renders it.",
        _flow('variables:\n  day: "{{ now() }}"\ntasks:\n  - id: hello\n' + _LOG + '    message: "{{ vars.day }}"\n'),
    ),
    "unknown-output": Code(
        "A task gives no output of this name.",
        _task(_RETURN + f'    format: Hello\n  - id: show\n{_LOG}    message: "{{{{ outputs.hello.valeu }}}}"\n'),
    ),
    "unknown-filter": Code("There is no filter of this name.", _task(_LOG + "    message: \"{{ 'a' | uper }}\"\n")),
    "unknown-function": Code("There is no function of this name.", _task(_LOG + '    message: "{{ nwo() }}"\n')),
    "unknown-test": Code("There is no test of this name.", _task(_LOG + '    message: "{{ 1 is evn }}"\n')),
    "old-name": Code(
        "A filter or function that the original has removed. It works here.",
        _task(_LOG + "    message: \"{{ json('[1]') }}\"\n"),
    ),
    "unreachable": Code(
        "Outputs are read of a task that cannot have run by then: it comes later, stands in another branch, runs side by "
        "side, in the iterations of a Loop, or is disabled.",
        _task(_LOG + f'    message: "{{{{ outputs.later.value }}}}"\n  - id: later\n{_RETURN}    format: x\n'),
    ),
    "unreachable-task": Code(
        "A task can never run: it stands behind one that always fails or ends the execution, in a branch that is never "
        "taken, or its condition never holds.",
        _task(f"    type: io.kestra.plugin.core.execution.Fail\n  - id: never\n{_LOG}    message: Hello\n"),
    ),
}

CODES: dict[str, Code] = {
    **_OF_THE_TEXT,
    **_OF_VALUES,
    **_OF_TYPES,
    **_OF_NAMES,
    **_OF_INPUTS,
    **_OF_EXPRESSIONS,
}
