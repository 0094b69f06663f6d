"""The documentation names only what there is."""

import re
from pathlib import Path

import click
import pytest

from tests.docs_commands import Command, blocks, commands_in_blocks, commands_in_text, context_of
from tests.docs_runs import NOT_RUN, RUN_BY, lines_of, run_lines

ROOT = Path(__file__).parents[1]
COMMERCES_OWN = {"cache:clean", "cron:install", "indexer:set-mode", "indexer:show-mode"}
"""Commands of a real Commerce that pages advise for one, and that the exporter in here has not."""
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("examples/*/*.md"),
    ]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_a_block_is_one_that_our_programs_take(page: Path) -> None:
    assert [refused for command in commands_in_blocks(page) if (refused := _refusal(command))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_a_sentence_exists_with_its_options(page: Path) -> None:
    assert [unknown for command in commands_in_text(page) if (unknown := _unknown(command))] == []


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("mcs", ("fly",)),
        ("mcs", ("faults", "fly")),
        ("mcs", ("diff", "--fly")),
        ("mcs", ("dataspace", "create", "shop", "--mode", "fly")),
        ("bin/magento", ("saas:resync", "--feed")),
    ],
    ids=["command", "command of a group", "option", "choice", "value"],
)
def test_a_command_that_is_none_would_be_found(program: str, arguments: tuple[str, ...]) -> None:
    assert _refusal(Command(program, arguments, "as written"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_line_of_a_block_is_run_by_a_test_or_listed_with_a_reason(page: Path) -> None:
    name = page.relative_to(ROOT).as_posix()
    lines = [line for block in blocks(page) for line in run_lines(name, block)]

    assert name in RUN_BY or lines == []


@pytest.mark.parametrize("page", NOT_RUN)
def test_no_line_is_listed_that_the_page_has_no_more(page: str) -> None:
    lines = [line for block in blocks(ROOT / page) for line in lines_of(block)]

    stale = [start for start in NOT_RUN[page] if not any(line.startswith(start) for line in lines)]

    assert stale == []


@pytest.mark.parametrize("page", RUN_BY)
def test_a_page_that_is_run_has_lines_and_its_test_knows_it(page: str) -> None:
    told = (ROOT / RUN_BY[page]).read_text("utf-8")

    assert any(lines_of(block) for block in blocks(ROOT / page))
    assert "RUN_BY" in told or Path(page).name in told or Path(page).parent.name in told


def test_every_test_exists_that_runs_a_line_in_another_way() -> None:
    reasons = {why for listed in NOT_RUN.values() for why in listed.values()}

    named = {path for why in reasons for path in re.findall(r"tests/[\w/]+\.py", why)}

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_what_another_test_runs_as_it_stands_is_in_there() -> None:
    for page, listed in NOT_RUN.items():
        for start, why in listed.items():
            if not why.startswith("run as they stand there by "):
                continue
            told = (ROOT / why.removeprefix("run as they stand there by ")).read_text("utf-8")
            lines = [line for block in blocks(ROOT / page) for line in lines_of(block)]
            assert [line for line in lines if line.startswith(start) and line not in told] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_target_of_make_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))

    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page.read_text("utf-8"), re.M))

    assert named - targets == set()


def test_every_test_that_the_seeds_coverage_names_exists() -> None:
    text = (ROOT / "docs" / "seed-coverage.md").read_text("utf-8")

    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)

    assert len(named) > 20
    for file, test in named:
        assert (ROOT / file).exists(), file
        assert f"def {test}" in (ROOT / file).read_text("utf-8"), f"{file}::{test}"


def _refusal(command: Command) -> str | None:
    """Why our programs would not take a call; None if they would."""
    try:
        context, rest = context_of(command)
        if {"-h", "--help", "--version"} & set(rest):
            return None
        given, _, _ = context.command.make_parser(context).parse_args(rest)
        for parameter in context.command.params:
            if isinstance(parameter.type, click.Choice) and given.get(parameter.name or ""):
                parameter.type_cast_value(context, given[parameter.name or ""])
            if parameter.required and not given.get(parameter.name or ""):
                raise click.MissingParameter(ctx=context, param=parameter)
    except click.UsageError as error:
        return f"{command.line}: {error.format_message()}"
    return None


def _unknown(command: Command) -> str | None:
    """What of a call that a sentence mentions is not known; None if all is."""
    if command.program == "bin/magento" and command.arguments[0] in COMMERCES_OWN:
        return None
    try:
        context, rest = context_of(command)
    except click.UsageError as error:
        return f"{command.line}: {error.format_message()}"
    known = {name for option in context.command.params for name in option.opts}
    known |= {name for option in context.command.params for name in option.secondary_opts}
    options = {word.partition("=")[0] for word in rest if word.startswith("--")}
    unknown = options - known - {"--help", "--version"}
    return f"{command.line}: {', '.join(sorted(unknown))}" if unknown else None
