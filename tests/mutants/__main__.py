"""`python -m tests.mutants [FILE]`: tries every mutant in every scenario, and tells as Markdown
which clauses it fails. Exit code 1 if one does not fail exactly its own."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mcs.harness.conformance.suites import SUITES
from mcs.harness.conformance.verdict import Ruling
from tests.mutants.all_mutations import ALL_MUTATIONS, SOUND, spoilt
from tests.mutants.page import mutants_page
from tests.mutants.trial import TrialService, failures, suite_of, tried
from tests.server.running import config, running


def wrong_mutants(home: Path) -> Iterator[str]:
    """A line per exporter that does not fail exactly what it should."""
    with running(config(home)) as service, TrialService(service.url) as live:
        for name, suite in SUITES.items():
            sound = tried(SOUND[name](), live, home / name, suite=suite)
            if len(sound.having(Ruling.PASS)) < len(suite.clauses):
                told = ", ".join(failures(sound)) or "to show a clause"
                yield f"the sound exporter of {name} fails {told}"
        for number, mutation in enumerate(ALL_MUTATIONS):
            suite, work = suite_of(mutation.clause), home / str(number)
            failed = failures(tried(spoilt(mutation), live, work, suite=suite))
            print(f"{mutation.clause:14} {mutation.wrong}: {', '.join(failed)}", file=sys.stderr)  # noqa: T201 - a command
            if failed != [mutation.clause]:
                yield f"{mutation.wrong}: expected {mutation.clause}, failed {failed}"


def main(arguments: list[str]) -> int:
    """Tries all, and writes the page if all is as it should be."""
    with tempfile.TemporaryDirectory() as home:
        wrong = list(wrong_mutants(Path(home)))
    if wrong:
        print("\n".join(wrong), file=sys.stderr)  # noqa: T201 - a command
        return 1
    if arguments:
        Path(arguments[0]).write_text(mutants_page(), "utf-8")
    else:
        print(mutants_page(), end="")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
