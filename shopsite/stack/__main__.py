"""`python -m shopsite.stack COMMAND...` runs a command with a PostgreSQL and a Valkey that are gone afterwards."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from shopsite.stack.children import StackError
from shopsite.stack.services import Services


def main(command: list[str]) -> int:
    """Run the command and return its exit status."""
    if not command:
        print("Usage: python -m shopsite.stack COMMAND...", file=sys.stderr)  # noqa: T201 - a command line
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="shop-stack-") as folder:
        try:
            with Services(Path(folder), durable=False) as services:
                return subprocess.run(command, env={**os.environ, **services.environment}, check=False).returncode  # noqa: S603 # nosec B603
        except StackError as error:
            print(error, file=sys.stderr)  # noqa: T201 - a command line
            return 1
        except KeyboardInterrupt:
            return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
