"""A worker of a load test that finds no master."""

import socket

from click.testing import CliRunner

from mcs.loadtests.cli import loadtest


def test_a_worker_without_a_master_says_where_it_waits_and_ends() -> None:
    with socket.socket() as taken:
        # Bound, and not listening: nothing else can come to be there meanwhile.
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])

        result = CliRunner().invoke(
            loadtest, ["--worker", "--master-port", port, "--master-patience", "0"]
        )

    assert result.exit_code == 3
    assert f"Waiting up to 0 s for the master at 127.0.0.1:{port}" in result.stderr
    assert f"no master came at 127.0.0.1:{port} within 0 s" in result.stderr
