"""`mcs case list` and `mcs case run`: what they print, and how they exit."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mcs.case_cli import case
from mcs.contract.errors import UsageError
from mcs.shipped import CASES


def run(*args: str, stdin: str = "") -> Result:
    """`mcs case …`."""
    return CliRunner().invoke(case, args, input=stdin)


def test_the_list_names_every_case() -> None:
    shown = run("list")
    document = json.loads(run("list", "--json").stdout)

    assert shown.exit_code == 0
    assert [entry["name"] for entry in document["cases"]] == CASES.names()
    assert all(f"\n{name} " in f"\n{shown.stdout}" for name in CASES.names())


def test_a_case_is_told_from_the_symptom_to_the_fix(tmp_path: Path) -> None:
    ran = run("run", "invalid-item-stuck", "--pause", "--var", str(tmp_path), stdin="\n")

    assert ran.exit_code == 0, ran.output
    order = [
        "One product never appears, although everything is green",
        "“One of our products is missing",
        "Root cause",
        "What happens",
        " 1. a third-party extension",
        "bin/magento saas:resync --feed products",
        "What is seen",
        "✓ mcs diff: 3 products rejected (refused, logged as CDE02-09)",
        "/visibility",
        f"export MCS_VAR={tmp_path}",
        "What to look at",
        "The fix",
        "the data is put right in the admin",
        "After it",
        "✓ the catalog against the service: in sync",
        "Reproduced, and healed by the fix.",
    ]
    places = [ran.stdout.find(text) for text in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    assert (tmp_path / "case-library" / "invalid-item-stuck" / "log" / "saas-export.log").exists()


def test_a_case_that_is_not_as_it_says_exits_with_1(tmp_path: Path) -> None:
    text = CASES.text("invalid-item-stuck").replace("cause: refused", "cause: throttled")
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")

    ran = run("run", str(path), "--json", "--var", str(tmp_path))

    assert ran.exit_code == 1, ran.output
    [told] = json.loads(ran.stdout)["cases"]
    assert (told["reproduced"], told["healed"]) == (False, True)
    [missed] = [one["seen"] for one in told["story"] if "seen" in one and not one["seen"]["holds"]]
    assert missed["expected"] == "3 products rejected (throttled)"
    assert missed["found"] == "3 products rejected (refused, logged as CDE02-09)"


def test_a_service_that_does_not_start_tells_nothing_of_the_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCS_DATABASE", "nonsense://")

    ran = run("run", "cron-down", "--var", str(tmp_path))

    assert ran.exit_code == 3
    assert "Error: the server ended with exit code" in ran.stderr


@pytest.mark.parametrize("args", [[], ["--all", "cron-down"]], ids=["none", "both"])
def test_either_names_or_all_are_wanted(args: list[str], tmp_path: Path) -> None:
    ran = run("run", *args, "--var", str(tmp_path))

    assert isinstance(ran.exception, UsageError)
    assert "name a case, or give --all" in str(ran.exception)


def test_a_wrong_case_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: alone\n", "utf-8")

    ran = run("run", str(path), "--var", str(tmp_path))

    assert isinstance(ran.exception, UsageError)
    assert list(tmp_path.iterdir()) == [path]
