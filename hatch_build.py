"""Sees to it that a wheel holds the web UI: uses what `ui/build.py` has built, or builds it.

Editable installs go without: `make run` and `make ui` build it beside the sources.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILDER = Path(__file__).resolve().parent / "ui" / "build.py"


class WebUiHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before a wheel is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An archive of sources made for a release holds the built UI and not what it was built from.
        if version == "editable" or not BUILDER.is_file():
            return
        _builder().build()


def _builder() -> ModuleType:
    spec = spec_from_file_location("web_ui_build", BUILDER)
    if spec is None or spec.loader is None:
        raise ImportError(f"{BUILDER} cannot be loaded")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
