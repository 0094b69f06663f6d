"""`make loadtest`: a server of its own, two Locust users for ten seconds, and the report.

Everything is under var/loadtest; the exit code is Locust's: 0 if no batch failed.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOME = Path("var/loadtest")
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
START_TIMEOUT_S = 60
MCS = [sys.executable, "-m", "mcs"]


def main() -> int:
    """Runs the load test and returns its exit code."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    ready_file = HOME / "ready.json"
    serve = ["serve", "--port", "0", "--var", str(HOME), "--ready-file", str(ready_file)]
    server = subprocess.Popen([*MCS, *serve])  # noqa: S603 - our own interpreter and module
    try:
        url = _url_when_ready(server, ready_file)
        create = ["dataspace", "create", "load", "--var", str(HOME)]
        subprocess.run([*MCS, *create], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        return _locust(url)
    finally:
        server.terminate()
        server.wait(timeout=START_TIMEOUT_S)


def _locust(url: str) -> int:
    report = HOME / "report.html"
    options = ["--headless", "--users", "2", "--spawn-rate", "2", "--run-time", "10s"]
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *options]
    environ = {**os.environ, "MCS_CREDENTIALS": str(HOME / "credentials" / "load.json")}
    done = subprocess.run(  # noqa: S603 - our own interpreter and locustfile
        [*command, "--only-summary", "--host", url, "--html", str(report)],
        env=environ,
        check=False,
    )
    sys.stderr.write(f"The report is in {report}.\n")
    return done.returncode


def _url_when_ready(server: "subprocess.Popen[bytes]", ready_file: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready_file.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("the server did not start; see what it said above.")
        time.sleep(0.05)
    url: str = json.loads(ready_file.read_text("utf-8"))["url"]
    return url


if __name__ == "__main__":
    sys.exit(main())
