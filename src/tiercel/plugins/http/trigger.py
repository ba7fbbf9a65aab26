"""`io.kestra.plugin.core.http.Trigger`: asks an address each interval, and starts the flow when the answer is as wished."""

from tiercel.plugins.http.properties import HttpRequest
from tiercel.plugins.http.request import RequestOutput, body_of, output_of, text_of
from tiercel.plugins.http.telling import tell_answer
from tiercel.sdk import PollingTrigger, Raw, TriggerContext, is_true
from tiercel.sdk.http import failure, header_lists, refused


class Trigger(HttpRequest, PollingTrigger[RequestOutput], type="io.kestra.plugin.core.http.Trigger"):
    """Send an HTTP request each interval, and start an execution where its answer fits."""

    example = """
        id: when_there_is_stock
        namespace: company.team
        tasks:
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ fromJson(trigger.body).price }}"
        triggers:
          - id: watch
            type: io.kestra.plugin.core.http.Trigger
            uri: https://example.com/api/articles/falcon
            interval: PT5M
            responseCondition: "{{ response.statusCode == 200 and fromJson(response.body).stock > 0 }}"
    """

    response_condition: Raw[str] = "{{ response.statusCode < 400 }}"
    """Starts an execution where it is true of the answer: `response.statusCode`, `response.body` as text,
    `response.headers`, by names in lower case too."""
    encrypt_body: bool = False
    """Keep the body encrypted, as `encryptedBody`; the server needs an encryption key for it."""

    async def evaluate(self, ctx: TriggerContext) -> RequestOutput | None:
        options = self.effective_options
        async with self.answer(ctx) as response:
            body = await body_of(response, options)
            # Of an answer that says that something is wrong the condition tells, unless the flow names the right ones.
            if options.allowed_response_codes and refused(response, options):
                raise failure(response, body)
            text = text_of(response, body, options)
            if not self.encrypt_body:
                tell_answer(ctx.log, options.logs, text)
            headers = header_lists(response)
            lower = {name.lower(): values for name, values in headers.items()}
            seen = {"statusCode": response.status_code, "body": text, "headers": lower | headers}
            if not is_true(await ctx.render(self.response_condition, {"response": seen})):
                return None
            return output_of(response, text, ctx, encrypted=self.encrypt_body)
