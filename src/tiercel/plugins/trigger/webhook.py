"""`io.kestra.plugin.core.trigger.Webhook`: starts an execution when its address is called."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from tiercel.sdk import InvalidProperty, WebhookTrigger


class Webhook(WebhookTrigger, type="io.kestra.plugin.core.trigger.Webhook"):
    """Start an execution when `/api/v1/main/executions/webhook/<namespace>/<flow>/<key>` is called."""

    example = """
        id: on_order
        namespace: company.team
        tasks:
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ trigger.body }}"
        triggers:
          - id: order
            type: io.kestra.plugin.core.trigger.Webhook
            key: 4wjtkzwVGBM9yKnjm3yv8r
    """

    key: Annotated[str, Field(max_length=256)]
    """The secret part of the address: whoever knows it can start the flow."""
    wait: bool = False
    """Answer when the execution has ended, not when it was created."""
    return_outputs: bool = False
    """With `wait`: answer with the outputs of the flow."""
    response_content_type: Literal["application/json", "text/plain"] = "application/json"
    """With `returnOutputs`: how the outputs are written."""
    response_code: Annotated[int | None, Field(ge=100, le=599)] = None
    """With `wait`: the status code of the answer; 200, or 500 for a failed execution, where nothing is said."""
    fetch_type: Literal["FETCH", "STORE", "NONE"] = "FETCH"
    """How the execution gets the body: as a value, as a file in internal storage, or not at all."""

    @field_validator("key")
    @classmethod
    def _is_not_blank(cls, key: str) -> str:
        if not key.strip():
            raise InvalidProperty("the key must not be blank", legacy="must not be blank")
        return key
