"""How `mcs diff` ends: its exit code, and what is printed and written along with it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.cli import diff
from mcs.harness.discrepancy import DiffResult
from mcs.harness.reports.document import load_result
from mcs.harness.reports.options import report_options
from mcs.harness.reports.reporting import Reporting
from tests.harness.reports.verdicts import discrepancy, verdict
from tests.harness.sides import DataSpace, Exporter, price

AWAY = ("--url", "http://127.0.0.1:9")
LOST = verdict(*map(discrepancy, "AB"))


@pytest.fixture
def where(exporter: Exporter, data_space: DataSpace) -> Sequence[str]:
    """Options that name both sides, which are empty."""
    sides = ("--commerce", str(exporter.path), "--data-space", data_space.id)
    return (*sides, "--url", data_space.url)


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(diff, list(map(str, args)))


def report(result: DiffResult | BaseException, *args: str | Path) -> Result:
    """What a command does that has the options of reports and comes to this result."""

    @click.command()
    @report_options
    def command(reporting: Reporting) -> None:
        with reporting.exit_code():
            if isinstance(result, BaseException):
                raise result
            reporting.publish(result)

    return CliRunner().invoke(command, list(map(str, args)))


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((), 1),
        (("--fail-on", "missing"), 1),
        (("--fail-on", "changed, missing"), 1),
        (("--fail-on", "changed,stale"), 0),
        (("--tolerate", "1"), 1),
        (("--tolerate", "2"), 0),
        (("--fail-on", "changed", "--tolerate", "5"), 0),
        (("--max-discrepancies", "0"), 1),
        (("--shown", "0"), 1),
    ],
    ids=lambda value: " ".join(value) or "plain" if isinstance(value, tuple) else str(value),
)
@pytest.mark.parametrize("format_name", ["text", "json", "ndjson", "junit", "html", "csv"])
def test_what_counts_and_is_too_many_gives_1(
    args: Sequence[str], code: int, format_name: str
) -> None:
    result = report(LOST, *args, "--format", format_name)

    assert result.exit_code == code
    assert "missing" in result.stdout
    assert result.stderr == ""


def test_in_sync_gives_0(where: Sequence[str], exporter: Exporter, data_space: DataSpace) -> None:
    exporter.note(price("A"))
    data_space.receive(price("A"))

    assert run(*where).exit_code == 0
    assert json.loads(run(*where, "--json").stdout)["in_sync"] is True


def test_passing_in_spite_of_discrepancies_is_explained() -> None:
    told = report(LOST, "--tolerate", "2").stdout

    assert "Not in sync: 2 discrepancies in 1 feed." in told
    assert "of 2 discrepancies 2 count (all kinds), and up to 2 are tolerated." in told


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--fail-on", "lost"), 'no kind "lost". Take one or more of: missing, unexpected'),
        (("--fail-on", ""), 'no kind ""'),
        (("--json", "--format", "html"), "ask for two formats"),
        (("--report", "report"), "does not say which format"),
        (("-o", "a.json", "--report", "junit:a.json"), "written twice"),
    ],
    ids=["kind", "no-kind", "two-formats", "no-format", "twice"],
)
def test_wrong_usage_is_told_before_anything_is_compared(args: Sequence[str], told: str) -> None:
    result = run(*args, *AWAY, "--data-space", "x")

    with pytest.raises(UsageError, match=told):
        raise result.exception or AssertionError(result.output)


def test_an_unknown_format_gives_2() -> None:
    assert run("--format", "yaml").exit_code == 2


def test_reports_are_written_beside_what_is_printed(tmp_path: Path) -> None:
    files = [tmp_path / f"report.{suffix}" for suffix in ("json", "xml", "html", "csv")]
    options = [option for file in files for option in ("--report", file)]

    result = report(LOST, "--shown", "1", *options)

    assert result.exit_code == 1
    assert "and 1 more" in result.stdout
    assert load_result(json.loads(files[0].read_bytes())) == LOST
    assert all(b"sku=B" in file.read_bytes() for file in files[1:])


@pytest.mark.parametrize(("name", "begins"), [("a.json", "{"), ("a.html", "<!doctype"), ("a", " ")])
def test_output_takes_the_place_of_what_is_printed(tmp_path: Path, name: str, begins: str) -> None:
    file = tmp_path / name

    result = report(LOST, "-o", file)

    assert (result.exit_code, result.output) == (1, "")
    assert file.read_text("utf-8").startswith(begins)


def test_could_not_tell_gives_3_and_each_report_says_so(
    where: Sequence[str], tmp_path: Path
) -> None:
    names = ("text:a.txt", "ndjson:a.ndjson", "junit:a.xml", "html:a.html", "csv:a.csv")
    for name in names:
        (tmp_path / name.partition(":")[2]).write_text("in sync, as of yesterday")
    options = [part for name in names for part in ("--report", name.replace(":", f":{tmp_path}/"))]

    result = run(*where, *AWAY, "--json", *options)

    assert result.exit_code == 3
    assert "no answer from http://127.0.0.1:9" in result.stderr
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "could_not_tell"
    assert "no answer from" in error["message"]
    assert ElementTree.parse(tmp_path / "a.xml").find(".//error") is not None  # noqa: S314 - ours
    assert all("no answer from" in file.read_text("utf-8") for file in tmp_path.glob("a.*"))


def test_text_that_could_not_be_told_is_no_output(where: Sequence[str]) -> None:
    assert run(*where, *AWAY).stdout == ""


def test_a_report_that_cannot_be_written_gives_3_and_the_others_are_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    result = report(
        verdict(), "--report", tmp_path / "file" / "a.xml", "--report", tmp_path / "b.json"
    )

    assert result.exit_code == 3
    assert "In sync" in result.stdout
    assert f"cannot write {tmp_path}/file/a.xml" in result.stderr
    assert load_result(json.loads((tmp_path / "b.json").read_bytes())) == verdict()


def test_an_interrupted_diff_gives_130() -> None:
    result = report(KeyboardInterrupt(), "--json")

    assert (result.exit_code, result.stdout) == (130, "")
    assert "Interrupted, so there is no verdict." in result.stderr


def test_a_crash_gives_3_and_says_where() -> None:
    result = report(ZeroDivisionError("by chance"), "--json")

    assert result.exit_code == 3
    assert "Traceback" in result.stderr
    assert "ZeroDivisionError" in json.loads(result.stdout)["error"]["message"]


@pytest.mark.parametrize("format_name", ["text", "json"])
def test_a_reader_that_has_read_enough_changes_nothing(
    where: Sequence[str], format_name: str
) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as closed:
        finished = _mcs_diff([*where, "--allow-empty", "--format", format_name], closed)

    assert (finished.returncode, finished.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_standard_output_gives_3(where: Sequence[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        finished = _mcs_diff([*where, "--json"], full)

    assert finished.returncode == 3
    assert b"cannot write to standard output: No space left" in finished.stderr


def _mcs_diff(args: Sequence[str], stdout: IO[bytes]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mcs", "diff", *args]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, check=False)
