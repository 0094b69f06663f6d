"""A case as people read it on a terminal, while it is played."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcs.harness.reports.parts import printable
from mcs.library.case import Case
from mcs.library.facts import FACTS
from mcs.library.playing import Happened, Part, Played

HEADINGS = {
    Part.STORY: "What happens",
    Part.SEEN: "What is seen",
    Part.FIX: "The fix",
    Part.HEALED: "After it",
}
LOOK_AT = "What to look at"
EXPECTED = "expected: {expected}"
REPRODUCED = "Reproduced, and healed by the fix."
NOT_REPRODUCED = "NOT reproduced: what is marked ✗ was not seen."
NOT_HEALED = "Reproduced, and NOT healed: what is marked ✗ was not seen after the fix."
TOLD_LINES = 8


class Teller:
    """Tells one case on a console, line by line as it happens."""

    def __init__(self, case: Case, console: Console) -> None:
        self._case = case
        self._console = console
        self._part: Part | None = None
        self._steps = 0

    def begin(self) -> None:
        """What the customer says, and why it is so."""
        case, console = self._case, self._console
        console.print(Text(case.title, style="bold"))
        console.print(Padding(Text(f"“{_flowing(case.symptom)}”", style="italic"), (0, 2)))
        console.print(Text.assemble(("Root cause  ", "bold"), _flowing(case.cause)))
        console.print(Text("Known from  ", style="bold").append("; ".join(case.evidence), "dim"))

    def tell(self, one: Happened) -> None:
        """One thing that happened."""
        if one.part is not self._part:
            self._begin_part(one.part)
        if one.finding is None:
            self._tell_step(one)
        else:
            self._tell_finding(one)

    def end(self, played: Played) -> None:
        """The verdict."""
        self._console.print()
        self._console.print(Text(verdict(played), style="green" if played.as_told else "bold red"))

    def _begin_part(self, part: Part) -> None:
        if part is Part.FIX:
            self._heading(LOOK_AT)
            for place in self._case.look_at:
                self._line("•", place)
        self._heading(HEADINGS[part])
        if part is Part.FIX:
            self._console.print(Padding(Text(_flowing(self._case.fix)), (0, 2)))
        self._part = part

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, style="bold underline"))

    def _tell_step(self, one: Happened) -> None:
        self._steps += 1
        mark = f"{self._steps}."
        if one.note:
            self._line(mark, one.note, style="dim")
            mark = ""
        self._line(mark, printable(one.did))
        if one.came:
            self._line("", f"→ {printable(one.came)}", style="cyan")

    def _tell_finding(self, one: Happened) -> None:
        finding = one.finding
        if finding is None:
            return
        mark, style = ("✓", "green") if finding.holds else ("✗", "bold red")
        self._line(mark, f"{FACTS[finding.fact].label}: {printable(finding.found)}", style=style)
        if not finding.holds:
            self._line("", EXPECTED.format(expected=printable(finding.expected)), style="red")
        for line in _first(finding.told, TOLD_LINES):
            self._line("", printable(line), style="dim")

    def _line(self, mark: str, text: str, style: str = "") -> None:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=3, justify="right")
        grid.add_column(overflow="fold")
        grid.add_row(Text(mark, style=style), Text(text, style=style))
        self._console.print(grid)


def verdict(played: Played) -> str:
    """Whether the case is as it says, in one sentence."""
    if not played.reproduced:
        return NOT_REPRODUCED
    return REPRODUCED if played.healed else NOT_HEALED


def print_list(cases: Sequence[Case], console: Console) -> None:
    """Name and title of each case."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for case in cases:
        table.add_row(case.name, case.title)
    console.print(table)


def _flowing(text: str) -> str:
    return " ".join(text.split())


def _first(lines: Sequence[str], most: int) -> Iterator[str]:
    yield from lines[:most]
    if len(lines) > most:
        yield f"  … and {len(lines) - most} more lines; --json has all"
