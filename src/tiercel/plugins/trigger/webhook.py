"""`io.kestra.plugin.core.trigger.Webhook`: starts an execution when its address is called."""

from pydantic import field_validator

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

    @field_validator("key")
    @classmethod
    def _is_not_blank(cls, key: str) -> str:
        if not key.strip():
            raise InvalidProperty("the key must not be blank", legacy="must not be blank")
        return key
