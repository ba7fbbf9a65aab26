"""How a webhook makes sure of who calls it: by a signature of the body, in the form of those who send them."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import model_validator

from tiercel.sdk.errors import InvalidProperty
from tiercel.sdk.fields import Duration
from tiercel.sdk.properties import Properties

Preset = Literal["GITHUB", "GITLAB", "STRIPE", "SLACK", "SHOPIFY", "BITBUCKET", "CUSTOM"]


class WebhookSignature(Properties):
    """Calls without the right signature are refused with 401, and start nothing."""

    preset: Preset = "CUSTOM"
    """Whose form it has: the header, the algorithm and what is signed are known then. CUSTOM: as said below."""
    secret: str
    """The secret shared with the sender; an expression such as `{{ secret('GITHUB_HOOK') }}`."""
    header: str | None = None
    """CUSTOM: the header that holds the signature."""
    algorithm: Literal["SHA1", "SHA256", "SHA512"] = "SHA256"
    """CUSTOM: the hash beneath the HMAC of the body."""
    encoding: Literal["HEX", "BASE64"] = "HEX"
    """CUSTOM: how the signature is written."""
    prefix: str = ""
    """CUSTOM: what stands before it in the header, as `sha256=`."""
    tolerance: Duration = timedelta(minutes=5)
    """STRIPE, SLACK: how old a call may be, so that one that was listened to cannot be sent again."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.preset == "CUSTOM" and not self.header:
            raise InvalidProperty("`header` is missing: without a preset nobody knows where the signature stands")
        if not self.secret.strip():
            raise InvalidProperty("the secret must not be blank")
        return self
