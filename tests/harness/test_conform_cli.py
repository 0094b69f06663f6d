"""`mcs conform`: what it says, writes, and exits with."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.conform_cli import conform
from mcs.harness.conformance.catalog import CATALOG_CLAUSES
from mcs.harness.conformance.clauses import CLAUSES
from mcs.harness.conformance.page import conformance_page
from mcs.harness.conformance.steps import Step
from tests.mutants.catalog_exporter import SmallCatalogExporter
from tests.mutants.exporter import SmallExporter, Ways
from tests.mutants.wrong_ways import without
from tests.server.running import RunningService

DOCS = Path(__file__).parents[2] / "docs"
SOUND = "tests.mutants.exporter:SmallExporter"
UNSIGNED = "tests.harness.test_conform_cli:unsigned"
CATALOG = ("--dialect", "catalog-ingestion")
OF_CATALOG = "tests.mutants.catalog_exporter:SmallCatalogExporter"
QUIET = ("--scenario", "edit", "--virtual-clock")

unsigned = SmallExporter(Ways(headers=without("x-gw-signature")))
nameless = SmallExporter(Ways(headers=without("X-Request-Id")))


_of_another_dialect = SmallCatalogExporter()


def misled(step: Step) -> None:
    """An exporter that speaks another dialect than it was asked to."""
    _of_another_dialect(replace(step, feeds=["catalogProducts"]))


def raising(_: Step) -> None:
    """An exporter with a fault of its own."""
    raise ZeroDivisionError


@pytest.fixture
def url(service: RunningService) -> Iterator[str]:
    """A service whose clock returns to real time afterwards."""
    yield service.url
    service.http.request("PUT", f"{service.url}/control/clock", json={"real": True})


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(conform, [str(argument) for argument in arguments])
    if isinstance(result.exception, UsageError):
        raise result.exception
    return result


def test_a_sound_exporter_exits_with_0_and_the_clauses_are_told_by_theme(url: str) -> None:
    result = run("--callable", SOUND, *QUIET, "--url", url)

    assert result.exit_code == 0
    assert "Who is calling" in result.stdout
    assert "no must failed" in result.stdout


def test_a_failed_must_exits_with_1_and_tells_its_evidence_and_source(url: str) -> None:
    result = run("--callable", UNSIGNED, *QUIET, "--url", url)

    assert result.exit_code == 1
    assert "without x-gw-signature, answered 401" in result.stdout
    assert 'source: contract/wire.md, "Headers"' in result.stdout


def test_a_waived_must_exits_with_0_if_another_one_passes(url: str) -> None:
    reason = "AUTH-1=signed by a proxy"

    result = run("--callable", UNSIGNED, *QUIET, "--url", url, "--waive", reason)

    assert result.exit_code == 0
    assert "waived: signed by a proxy" in result.stdout


def test_failed_advice_exits_with_0(url: str) -> None:
    nameless_one = "tests.harness.test_conform_cli:nameless"

    result = run("--callable", nameless_one, *QUIET, "--url", url, "--json")

    verdicts = {one["id"]: one["verdict"] for one in orjson.loads(result.stdout)["clauses"]}
    assert (verdicts["WIRE-7"], result.exit_code) == ("fail", 0)


def test_reports_and_badge_are_written_beside_what_is_printed(url: str, tmp_path: Path) -> None:
    names = ("conform.json", "conform.xml", "conform.html", "conform.svg")
    json_file, junit, html, svg = (tmp_path / name for name in names)
    reports = ("--report", json_file, "--report", junit, "--report", html, "--badge", svg)

    result = run("--callable", UNSIGNED, *QUIET, "--url", url, *reports)

    [failure] = ElementTree.parse(junit).iter("failure")  # noqa: S314 - our own file
    assert orjson.loads(json_file.read_bytes())["exit_code"] == result.exit_code == 1
    assert "AUTH-1" in html.read_text("utf-8")
    assert "without x-gw-signature" in (failure.text or "")
    assert ElementTree.fromstring(svg.read_text("utf-8")).tag.endswith("svg")  # noqa: S314 - ours


def test_an_exporter_that_sends_nothing_gives_no_verdict(url: str) -> None:
    result = run("--exporter", "true", *QUIET, "--url", url)

    assert result.exit_code == 3
    assert "could not tell" in result.stdout


def test_a_step_that_is_not_supported_is_noted(url: str) -> None:
    result = run("--exporter", "exit 64", *QUIET, "--url", url)

    assert result.exit_code == 3
    assert "edit: the exporter does not do the step initial" in result.stdout


def test_a_command_that_fails_and_sends_nothing_shows_nothing(url: str) -> None:
    """Else every clause would pass that asks for nothing to be sent."""
    driver = f"{sys.executable} -m mcs.conform_driver"
    command = f"test $MCS_STEP = initial || {{ echo no shop >&2; exit 2; }}; {driver}"

    result = run("--exporter", command, "--clause", "SYNC-1", "--virtual-clock", "--url", url)

    assert result.exit_code == 3
    assert "again: the step again ended with exit code 2 and sent nothing" in result.stdout
    assert "It printed: no shop" in result.stdout


def test_a_command_that_does_not_exist_is_told(url: str) -> None:
    result = run("--exporter", "no-such-exporter", *QUIET, "--url", url)

    assert result.exit_code == 3
    assert "ended with exit code 127 at step initial" in result.stderr


def test_a_step_that_takes_too_long_is_ended_and_told(url: str) -> None:
    result = run("--exporter", "sleep 60 & sleep 60", *QUIET, "--url", url, "--step-timeout", "0.2")

    assert result.exit_code == 3
    assert "took longer than 0.2 s for step initial" in result.stderr


def test_an_exporter_that_raises_is_told_without_a_verdict(url: str) -> None:
    result = run("--callable", "tests.harness.test_conform_cli:raising", *QUIET, "--url", url)

    assert result.exit_code == 3
    assert "raised at step initial of scenario edit: ZeroDivisionError" in result.stderr


def test_listening_to_nobody_gives_no_verdict(url: str) -> None:
    result = run("--listen", "--for", "0.1", "--url", url)

    assert result.exit_code == 3
    assert "Point the exporter at" in result.stdout


def test_a_service_of_its_own_is_started_without_a_url() -> None:
    result = run("--callable", SOUND, "--scenario", "edit", "--virtual-clock")

    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "which exporter"),
        (("--exporter", "true", "--listen"), "one of them"),
        (("--clause", "NONE-1"), 'there is no "NONE-1"'),
        (("--listen", "--waive", "DEL-2"), "expected CLAUSE=REASON"),
        (("--listen", "--waive", "NONE-1=why"), 'no clause "NONE-1"'),
        (("--listen", "--for", "soon"), "expected a duration"),
        (("--callable", "nowhere:x"), "names nothing that can be called"),
        (("--listen", "--report", "csv:x.csv"), "csv is no format of this report"),
        (("--listen", "--report", "x.ndjson"), "Take one of: json, junit, html"),
        (("--listen", "--report", "pdf:x"), "ends in one of: .json, .xml, .html, .htm.$"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        run(*arguments)


def test_a_file_of_waivers_must_give_reasons(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text("DEL-2:\n", "utf-8")

    with pytest.raises(UsageError, match="DEL-2 has no reason"):
        run("--listen", "--waivers", str(file))


def test_the_list_names_every_clause() -> None:
    listed = orjson.loads(run("--list", "--json").stdout)

    assert [clause["id"] for clause in listed["clauses"]] == list(CLAUSES)


def test_an_exporter_of_the_ingestion_api_is_held_to_clauses_of_its_own(
    url: str, tmp_path: Path
) -> None:
    badge = tmp_path / "conform.svg"

    result = run(
        "--callable", OF_CATALOG, *CATALOG, *QUIET, "--url", url, "--badge", badge, "--json"
    )

    document = orjson.loads(result.stdout)
    assert (result.exit_code, document["notes"]) == (0, [])
    assert {one["id"][:4] for one in document["clauses"]} == {"CAT-"}
    assert "catalog ingestion conformance" in badge.read_text("utf-8")


def test_an_exporter_of_another_dialect_gives_no_verdict_and_is_told(url: str) -> None:
    result = run("--callable", "tests.harness.test_conform_cli:misled", *QUIET, "--url", url)

    assert result.exit_code == 3
    assert "they speak catalog-ingestion and the clauses are about feeds" in result.stdout


def test_a_clause_of_another_dialect_is_no_clause() -> None:
    with pytest.raises(UsageError, match="with --dialect"):
        run("--list", "--clause", "CAT-TOKEN-1")


def test_the_list_names_every_clause_of_a_dialect() -> None:
    listed = orjson.loads(run("--list", "--json", *CATALOG).stdout)

    assert [clause["id"] for clause in listed["clauses"]] == list(CATALOG_CLAUSES)


def test_the_page_is_up_to_date() -> None:
    assert (DOCS / "conformance.md").read_text("utf-8") == conformance_page(), "run `make docs`"
