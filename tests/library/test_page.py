"""The page of support cases is what the YAML files and the vocabulary say."""

from pathlib import Path

from mcs.library.breakages import BREAKAGES
from mcs.library.facts import FACTS
from mcs.library.page import WRITING, library_page
from mcs.library.reading import read_case
from mcs.library.verbs import VERBS
from mcs.shipped import CASES

PAGE = Path(__file__).parents[2] / "docs" / "case-library.md"


def test_the_page_is_up_to_date() -> None:
    cases = [read_case(CASES.text(name), name) for name in CASES.names()]

    assert PAGE.read_text("utf-8") == library_page(cases), "run `make docs`"


def test_the_page_names_the_whole_vocabulary() -> None:
    page = PAGE.read_text("utf-8")

    assert [name for name in (*VERBS, *FACTS, *BREAKAGES) if f"| `{name}` |" not in page] == []


def test_the_pages_own_example_is_a_case() -> None:
    example = WRITING.partition("```yaml\n")[2].partition("```")[0]
    example = example.replace(
        "look_at: [where a support engineer looks, in order]", 'look_at: ["-"]'
    )

    case = read_case(example, "example")

    assert case.fix_steps[-1].values == {"feed": ("products",), "force": True}
