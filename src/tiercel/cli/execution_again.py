"""`tiercel execution restart|replay`: what will run again is shown before, to a person or with `--preview`."""

import json
from typing import Annotated

from cyclopts import Parameter

from tiercel.cli.client import DEFAULT, Client, Server, User
from tiercel.cli.execution_verbs import NONE, Breakpoints, Id, Search, action, ask, sent
from tiercel.cli.execution_view import GOOD, Inputs, Json, done, mistyped, read_parts, say, talking
from tiercel.cli.replay_preview import agree, ask_preview, find_task_run, is_asked, shown

PreviewOnly = Annotated[
    bool,
    Parameter(name="--preview", negative=(), help="Show what would run again and what is kept, and change nothing."),
]
Yes = Annotated[bool, Parameter(name=["--yes", "-y"], negative=(), help="Do not ask; outside a terminal nobody is.")]


def restart(
    *ids: Id,
    search: Search = NONE,
    revision: Annotated[
        int | None, Parameter(help="A revision of the flow: a new execution, that goes on where the other failed.")
    ] = None,
    preview: PreviewOnly = False,
    yes: Yes = False,
    as_json: Json = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Run again what failed, in place; what succeeded is kept. In a terminal it is shown before, and asked about."""
    if (revision is not None or preview) and not ids:
        return mistyped("another revision, and a preview, are for executions named by their ids")
    parameters = {} if revision is None else {"revision": revision}

    def told(client: Client) -> int:
        previews = {id: ask_preview(client, id, "restart", parameters) for id in ids}
        if preview and as_json:
            return say(json.dumps(previews))
        text = "\n".join(f"{id}\n{shown(each)}" for id, each in previews.items())
        return say(text) if preview else agree(text)

    if preview:
        return talking(server, user, told)
    code = talking(server, user, told) if ids and is_asked(sure=yes) else GOOD
    return code or ask("restart", ids, search, server, user, query=parameters)


def replay(
    id: Id,
    /,
    *,
    task_run: Annotated[
        str | None, Parameter(help="Id of the task run to begin at; what is before it is kept. From the start if none.")
    ] = None,
    task: Annotated[str | None, Parameter(help="The same by the id of a task that ran once.")] = None,
    revision: Annotated[int | None, Parameter(help="Another revision of the flow.")] = None,
    inputs: Inputs = (),
    breakpoints: Breakpoints = (),
    preview: PreviewOnly = False,
    yes: Yes = False,
    as_json: Json = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Start a copy of an execution, from its start or from a task run, with other inputs if some are given.

    In a terminal it is shown before what will run again, and asked about.
    """
    if task is not None and task_run is not None:
        return mistyped("--task and --task-run name the same thing: give one of them")
    try:
        parts = read_parts(inputs)
    except (OSError, ValueError) as error:
        return mistyped(str(error))

    def replayed(client: Client) -> int:
        begin = task_run if task is None else find_task_run(client, id, task)
        wanted = {"taskRunId": begin, "revision": revision}
        query = {name: value for name, value in wanted.items() if value is not None}
        if preview:
            told = ask_preview(client, id, "replay", query)
            return say(json.dumps(told) if as_json else shown(told))
        if is_asked(sure=yes) and (code := agree(shown(ask_preview(client, id, "replay", query)))) != GOOD:
            return code
        path = action(id, "replay-with-inputs" if inputs else "replay")
        query |= {"breakpoints": ",".join(breakpoints)} if breakpoints else {}
        return done(sent(client, path, parts, query), as_json=as_json)

    return talking(server, user, replayed)
