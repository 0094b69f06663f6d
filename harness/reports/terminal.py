"""The parts of reports drawn on a terminal."""

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from mcs.harness.reports.parts import Cell, Table, Tone

WIDEST_TABLE = 500
_STYLES = {
    Tone.PLAIN: "",
    Tone.HEADING: "bold",
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.FAINT: "dim",
}


class Screen(Console):
    """Standard output. Raises BrokenPipeError once whoever read it has read enough."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        raise BrokenPipeError


def print_table(console: Console, table: Table) -> None:
    """Prints a table. It is wider than a narrow console rather than cut, since a cut number is
    another number."""
    drawn = RichTable(box=box.SIMPLE_HEAD)
    for place, heading in enumerate(table.headings):
        is_name = place < table.names
        drawn.add_column(heading, justify="left" if is_name else "right", no_wrap=True)
    for row in table.rows:
        drawn.add_row(*map(styled, row))
    whole = console.options.update(max_width=WIDEST_TABLE)
    drawn.width = console.measure(drawn, options=whole).maximum
    console.print(drawn, crop=False)


def styled(cell: Cell) -> Text:
    """The text of a cell in the colour of its tone."""
    return Text(cell.text, style=_STYLES[cell.tone])
