"""`tiercel why ID`: why an execution failed, what it waits for, and what differs from the last one that went well."""

import json

from tiercel.cli.client import DEFAULT, Client, Server, User
from tiercel.cli.execution_view import Json, say, talking
from tiercel.cli.why_view import as_text


def why(id: str, /, *, as_json: Json = False, server: Server = DEFAULT, user: User = None) -> int:
    """Say why an execution is as it is.

    Of one that failed: the task that failed first, through subflows and loops; its attempts, error and last lines, what it
    was given (secrets are stars), where it is written, and what differs from the last good execution of the flow. Of one
    that is not over: what it waits for, and what can be done about it.

    Parameters
    ----------
    id
        Id of the execution.
    """

    def told(client: Client) -> int:
        story = client.get(f"/executions/{id}/why")
        return say(json.dumps(story) if as_json else as_text(story))

    return talking(server, user, told)
