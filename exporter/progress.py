"""The console's progress line of a sync: `current/max [bar] percent elapsed/estimated …`.

Source: contract/lifecycle.md, "Console progress line".
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from mcs.exporter.sync import Progress


@contextmanager
def progress_line(console: Console, label: str) -> Iterator[Callable[[Progress], None]]:
    """Yields what to call with each progress.

    Without a terminal one plain line is written at the end, so that logs of CI stay readable.
    """
    if not console.is_terminal:
        latest: deque[Progress] = deque(maxlen=1)
        yield latest.append
        if latest:
            console.print(_plain_line(label, latest[-1]), highlight=False, soft_wrap=True)
        return
    with Bar(
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
        _Times(),
        TextColumn("Submitted: ~{task.fields[submitted]} Failed: ~{task.fields[failed]}"),
        console=console,
        expand=True,
    ) as bar:
        task = bar.add_task(label, total=None, submitted=0, failed=0)

        def watch(progress: Progress) -> None:
            bar.update(
                task,
                total=progress.sources,
                completed=progress.sources_done,
                submitted=progress.submitted,
                failed=progress.failed,
            )

        yield watch


class _Times(ProgressColumn):
    """elapsed/estimated, each as minutes and seconds."""

    def render(self, task: Task) -> Text:
        elapsed_s = task.finished_time if task.finished else task.elapsed
        whole_s = None
        if elapsed_s is not None and task.percentage:
            whole_s = elapsed_s * 100 / task.percentage
        return Text(f"{_clock(elapsed_s)}/{_clock(whole_s)}")


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "--:--"
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def _plain_line(label: str, progress: Progress) -> str:
    return (
        f"{label}: {progress.sources_done}/{progress.sources} sources, "
        f"Submitted: ~{progress.submitted} Failed: ~{progress.failed}"
    )
