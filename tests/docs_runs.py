"""Which commands of the documentation are run by which test, and which by none, and why.

A page's shell lines are run as they stand there by the test that has the page, but for those that
are listed here. A line is listed by its beginning.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]

HERE = "tests/stories/test_pages.py"
TUTORIALS = "tests/stories/test_tutorials.py"
RUN_BY: dict[str, str] = {
    "README.md": HERE,
    "docs/adobe-commerce.md": HERE,
    "docs/case-library.md": HERE,
    "docs/catalog-ingestion.md": HERE,
    "docs/exporter.md": HERE,
    "docs/generator.md": HERE,
    "docs/in-containers-and-ci.md": HERE,
    "docs/reports.md": HERE,
    "docs/support-cases.md": "tests/stories/test_support_docs.py",
    "docs/testing-your-exporter.md": "tests/stories/test_testing_without_python.py",
    "docs/tutorials/contract-test.md": TUTORIALS,
    "docs/tutorials/load-test.md": TUTORIALS,
    "docs/tutorials/support-case.md": TUTORIALS,
    "examples/exporter-tests/README.md": "tests/stories/test_example_project.py",
}
"""The test that runs a page's lines, by page."""

SET_UP = "sets up what the tests themselves run in"
NETWORK = "fetches from the network"
ENDLESS = "runs until it is ended"
OTHERS = "needs other machines"
COMMERCE = "needs a real Adobe Commerce"
DEMO = "minutes of work; smaller in tests/stories/test_demo.py"
CASES = "minutes of work; each case in tests/stories/test_case_library.py"
CONFORM = "minutes of work; tests/stories/test_conformance.py"
LISTEN = "waits for an exporter run by hand; tests/harness/test_listening.py"
LOAD = "minutes of load; smaller in tests/stories/test_load.py"
ARCHIVE = "an archive of the reader's; tests/stories/test_support_calls.py"
SIMULATION = "minutes of work; tests/stories/test_simulation.py"
SEED = "run as they stand there by tests/stories/test_initial_sync.py"

NOT_RUN: dict[str, dict[str, str]] = {
    "CONTRIBUTING.md": {"make ": SET_UP, ".venv/bin/pytest": SET_UP},
    "README.md": {
        "make demo": SET_UP,
        "make test": SET_UP,
        ".venv/bin/mcs demo": DEMO,
        "mcs conform": CONFORM,
        "make loadtest": LOAD,
        "mcs loadtest": LOAD,
    },
    "docs/adobe-commerce.md": {
        "MCS_CONTROL_TOKEN=": "opens a port to other machines; tests/server/dashboard/test_door.py",
        "bin/magento saas:resync": COMMERCE,
        "mcs diff --sent": COMMERCE,
        "mcs conform --listen": LISTEN,
    },
    "docs/case-library.md": {
        "mcs case run price-did-not-change": CASES,
        "mcs case run --all": CASES,
        "mcs case run my-case.yaml": "a file of the reader's; tests/library/test_cli.py",
    },
    "docs/catalog-ingestion.md": {
        "mcs conform": CONFORM,
        "mcs diff --sent recorded.har": ARCHIVE,
        "mcs explain BAG --sent recorded.har": ARCHIVE,
        "mcs case import recorded.har": ARCHIVE,
    },
    "docs/conformance.md": {
        "mcs conform --exporter": CONFORM,
        "mcs conform --callable": CONFORM,
        "mcs conform --virtual-clock": CONFORM,
        "mcs conform --dialect catalog-ingestion": CONFORM,
        "mcs conform --listen": LISTEN,
        "MCS_URL=…": LISTEN,
    },
    "docs/exporter.md": {"bin/magento saas:resync": SEED, "mcs exporter run": ENDLESS},
    "docs/in-containers-and-ci.md": {
        "pip install": f"{NETWORK}; tests/packaging/test_wheel.py",
        "mcs demo": DEMO,
        'eval "$(mcs completion bash)"': "for a shell that completes; "
        "tests/packaging/test_completion.py",
    },
    "docs/load-testing.md": {
        "pip install": NETWORK,
        "mcs loadtest": LOAD,
        "make loadtest": LOAD,
        "export MCS_LOAD_PLAN": "goes with the next lines",
        "locust -f loadtests/locustfile.py": LOAD,
    },
    "docs/tutorials/contract-test.md": {
        "make demo": SET_UP,
        ". .venv/bin/activate": SET_UP,
        "mcs conform": CONFORM,
    },
    "docs/tutorials/load-test.md": {
        "make ": SET_UP,
        ". .venv/bin/activate": SET_UP,
        "mcs demo": DEMO,
        "mcs loadtest": LOAD,
        "mcs simulate": SIMULATION,
    },
    "docs/tutorials/support-case.md": {
        "make demo": SET_UP,
        ". .venv/bin/activate": SET_UP,
        "mcs case run": CASES,
        "mcs case replay": "seconds of work; tests/stories/test_support_docs.py",
    },
    "examples/exporter-tests/README.md": {
        "python3 -m venv": SET_UP,
        ".venv/bin/pip install": SET_UP,
        ".venv/bin/pytest": "run with this Python; tests/stories/test_example_project.py",
    },
}
"""Why a line is not run, by page and by how the line begins."""


def lines_of(block: str) -> list[str]:
    """The lines of a shell block, continued ones as one; without comments and blank ones.

    >>> lines_of("# why\\nmcs diff \\\\\\n  --json\\n")
    ['mcs diff    --json']
    """
    joined = block.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def reason(page: str, line: str) -> str | None:
    """Why a line of a page is not run; None if it is."""
    listed = NOT_RUN.get(page, {})
    return next((why for start, why in listed.items() if line.startswith(start)), None)


def run_lines(page: str, block: str) -> list[str]:
    """Those lines of a page's block that are run."""
    return [line for line in lines_of(block) if reason(page, line) is None]
