"""`make loadtest`: a server of its own, two Locust users for ten seconds, and the report.

Everything is under var/loadtest; the exit code is Locust's: 0 if no batch failed.
"""

import os
import subprocess
import sys
from pathlib import Path

from mcs.loadtests.commands import create_data_space, service

HOME = Path("var/loadtest")
LOCUSTFILE = Path(__file__).with_name("locustfile.py")


def main() -> int:
    """Runs the load test and returns its exit code."""
    with service(HOME) as url:
        return _locust(url, create_data_space(HOME, "load"))


def _locust(url: str, credentials: Path) -> int:
    report = HOME / "report.html"
    options = ["--headless", "--users", "2", "--spawn-rate", "2", "--run-time", "10s"]
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *options]
    done = subprocess.run(  # noqa: S603 - our own interpreter and locustfile
        [*command, "--only-summary", "--host", url, "--html", str(report)],
        env={**os.environ, "MCS_CREDENTIALS": str(credentials)},
        check=False,
    )
    sys.stderr.write(f"The report is in {report}.\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
