"""The page of what expressions may use at most, and of what is hidden where people look."""

from dataclasses import fields

from tiercel.expression import Budget, ReadingBudget
from tiercel.sdk.docs import meanings

HEAD = """# Limits and secrets

A template can be wrong or greedy; it never takes the server with it. Whatever is too much ends with an error of the kind
`limit`, which names the limit, the template, the line and the column. No `??` and no `default` catches it.

What a template needs at run time has a limit for all templates of one task together: leave heavy work to a task, which has
a process of its own and all the memory of its machine.
"""
SECRETS = """## Expressions reach nothing of Python

Values are texts, numbers, booleans, dates, lists and maps. Names lead through lists and maps and to the few methods that
flows call on values; whatever else may lie in a context has no attribute, cannot be called, and is not written.

## What is hidden

Six stars stand where a secret would be read: in the logs of tasks and of the server's own lines of an execution, in files
of logs, in errors wherever they are shown, and in the names and tags of metrics. Hidden are

- what `secret()`, `credential()` and `decrypt()` give, and the texts inside where that is JSON,
- the values of inputs and outputs of the type SECRET, those that a Flow trigger or a subflow brings along too,
- what a script puts out as `encryptedOutputs`, and every line that contains such a message,
- what `kv()` gives, in the lines of the task that has asked.

A secret is known as it is, line by line where it has several, as JSON, shells, URLs, HTML and Python spell it, and in
Base64, also inside something longer like `Authorization: Basic …`. It is found where a script writes it in pieces, and
where it lies across the cut of a line of more than 64 KB.

Not hidden: a secret of fewer than three characters, for it would hide half of every line; numbers of fewer than six digits
inside a secret that is JSON; a secret that a task has changed (turned around, hashed, split into letters); and the outputs
of tasks, which other tasks are to read. Give an output of the type SECRET to what must not be seen there.
"""


def limits() -> str:
    reading = _table("What a template may consist of", ReadingBudget)
    return "\n".join([HEAD, reading, _table("What it may use", Budget), SECRETS])


def _table(title: str, budget: type[Budget] | type[ReadingBudget]) -> str:
    told = meanings(budget)
    values = budget()
    rows = [
        f"| {field.name} | {_shown(getattr(values, field.name))} | {told[field.name]} |" for field in fields(budget)
    ]
    return "\n".join([f"## {title}\n", "| limit | | |", "|---|---:|---|", *rows, ""])


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
