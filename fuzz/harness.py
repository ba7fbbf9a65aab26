"""One target under atheris: `python -m fuzz.harness TARGET FOUND [libFuzzer options] CORPUS…`.

Slow inputs are only noted down here, for instruments slow everything; `run` has them judged without.
"""

import sys
import time
from hashlib import sha256
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tiercel"]):  # pyright: ignore[reportAttributeAccessIssue]
    from fuzz.targets import run

SUSPICIOUS_SECONDS = 1.0


def main() -> None:
    name, found, *options = sys.argv[1:]
    suspects = Path(found)

    def test_one_input(data: bytes) -> None:
        begun = time.process_time()
        run(name, data)
        if time.process_time() - begun > SUSPICIOUS_SECONDS:
            (suspects / f"slow-{sha256(data).hexdigest()[:16]}").write_bytes(data)

    atheris.Setup([sys.argv[0], *options], test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
