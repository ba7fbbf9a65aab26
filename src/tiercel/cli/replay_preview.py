"""What a replay or a restart will run again, as a person is shown it; and whether that person wants it."""

import sys
from collections.abc import Iterator
from typing import Any

from tiercel.cli.client import Client, ServerSays
from tiercel.cli.execution_view import BAD, GOOD

Preview = dict[str, Any]
_LISTS = (
    ("dropped", "gone", "the revision has no such task"),
    ("kept", "kept", ""),
    ("goesOn", "open", "goes on with what is in it"),
    ("begins", "again", "at once"),
    ("follows", "again", "when its turn comes"),
    ("mayFollow", "maybe", "if the execution comes to it"),
)
"""The lists of a preview with the word and the words for them, in the order in which they are shown."""
MOST_SHOWN = 40
"""Task runs of each list."""


def ask_preview(client: Client, id: str, verb: str, query: dict[str, Any]) -> Preview:
    """Raises ServerSays where the verb would be refused."""
    return client.get(f"/executions/{id}/{verb}/preview", **query)


def find_task_run(client: Client, id: str, task: str) -> str:
    """The task run of a task. Raises ServerSays where it has none, or several."""
    runs = [run for run in client.get(f"/executions/{id}").get("taskRunList", ()) if run["taskId"] == task]
    if not runs:
        raise ServerSays(f"task {task!r} has no task run in execution {id}")
    if len(runs) > 1:
        named = "\n".join(f"  --task-run {run['id']}  {run.get('value', '')}".rstrip() for run in runs)
        raise ServerSays(f"task {task!r} has {len(runs)} task runs in execution {id}; name one:\n{named}")
    return runs[0]["id"]


def is_asked(*, sure: bool) -> bool:
    """Whether there is somebody to ask, who did not say yes before."""
    return not sure and sys.stdin.isatty()


def agree(told: str) -> int:
    """Show it to a person and ask: the exit code, where that is not to go on."""
    print(f"{told}\nGo ahead? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return GOOD
    print("nothing was changed", file=sys.stderr)
    return BAD


def shown(preview: Preview) -> str:
    return "\n".join(_lines(preview))


def _lines(preview: Preview) -> Iterator[str]:
    for name, word, words in _LISTS:
        runs = preview[name]
        for run in runs[:MOST_SHOWN]:
            yield _line(word, run, words)
        if len(runs) > MOST_SHOWN:
            yield f"  {word:<5}  … and {len(runs) - MOST_SHOWN} more"
    effects = preview["effects"]
    if effects:
        counted = ", ".join(f"{count} × {type}" for type, count in effects.items())
        yield f"done to the world once more: {counted}"
    else:
        yield "nothing is done to the world once more"


def _line(word: str, run: dict[str, Any], words: str) -> str:
    value = f" [{run['value']}]" if "value" in run else ""
    state = f"was {run['state']}" if "state" in run else ""
    child = (
        f"goes on with execution {run['goesOnWith']} at the revision that has, if it failed"
        if "goesOnWith" in run
        else ""
    )
    told = ", ".join(each for each in (state, words, child) if each)
    return f"  {word:<5}  {run['taskId']}{value}  {run['type']}  {told}".rstrip()
