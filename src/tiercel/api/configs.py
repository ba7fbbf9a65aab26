"""What clients and the UI ask first: which server this is."""

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.routing import route


class Configuration(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The server as clients see it."""

    uuid: str
    version: str
    edition: str = msgspec.field(default_factory=lambda: "OSS")
    url: str | None = None
    flow_template: str = msgspec.field(default_factory=str)
    plugins_hash: int = msgspec.field(default_factory=lambda: 0)
    chart_default_duration: str = msgspec.field(default_factory=lambda: "PT24H")
    environment: dict[str, str] | None = None
    is_custom_dashboards_enabled: bool = msgspec.field(default_factory=lambda: False)
    is_anonymous_usage_enabled: bool = msgspec.field(default_factory=lambda: False)
    is_ui_anonymous_usage_enabled: bool = msgspec.field(default_factory=lambda: False)
    is_ai_enabled: bool = msgspec.field(default_factory=lambda: False)
    is_ai_api_key_configured: bool = msgspec.field(default_factory=lambda: False)
    is_concurrency_view_enabled: bool = msgspec.field(default_factory=lambda: False)
    is_basic_auth_initialized: bool = msgspec.field(default_factory=lambda: False)
    is_login_required: bool = msgspec.field(default_factory=lambda: False)
    """Ours: whether requests must say who asks."""
    preview: dict[str, int] = {}
    system_namespace: str = msgspec.field(default_factory=lambda: "system")
    hidden_labels_prefixes: tuple[str, ...] = msgspec.field(default_factory=lambda: ("system.", "internal."))


class Configs:
    """The route of the configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    @route("GET", "/api/v1/configs", operation="getConfiguration", answers=Configuration, tenanted=False)
    async def get(self, call: Call) -> Response:
        """Get what clients need to know of the server"""
        return json_answer(self._configuration)
