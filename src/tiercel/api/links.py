"""Addresses of the web UI, for answers that name them."""

from tiercel.model.execution import Execution


class Links:
    """Made from `kestra.url`; None where the server does not know how it is reached."""

    def __init__(self, url: str | None) -> None:
        self._url = None if url is None else url.rstrip("/")

    def execution(self, execution: Execution) -> str | None:
        if self._url is None:
            return None
        return f"{self._url}/ui/{execution.tenant}/executions/{execution.namespace}/{execution.flow_id}/{execution.id}"
