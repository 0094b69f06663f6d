"""Discrepancies: what the exporter sent against what the service received, and how to mend it."""

from pathlib import Path

from flask import Response, redirect, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as AnyResponse

from mcs.contract.errors import UsageError
from mcs.server.dashboard.blueprint import page_blueprint
from mcs.server.dashboard.diff_page import (
    RUN_COLUMNS,
    DiffPage,
    run_row,
    verdict,
)
from mcs.server.dashboard.diff_runs import FORMATS, Sides
from mcs.server.dashboard.discrepancy_page import discrepancy_page
from mcs.server.dashboard.navigation import known_data_space
from mcs.server.dashboard.negotiation import fragment, show
from mcs.server.dashboard.query import wanted_number
from mcs.server.dashboard.state import current_dashboard
from mcs.server.dashboard.table import Table
from mcs.server.service import current_service
from mcs.server.store.comparisons import DiffState

OVERVIEW, DISCREPANCY = "diff.html", "discrepancy.html"
DATABASE = "commerce.sqlite"
UPLOADED = "sent"
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared

NO_DATABASE = (
    'There is no exporter\'s database at "{path}". Name another one, upload what was sent, or let '
    "the exporter work in that folder (MCS_VAR)."
)
NO_PATH = "Naming a path is possible on the server's own machine only. Upload a file instead."
NO_FORMAT = 'format: got "{given}", expected one of: {formats}.'

pages = page_blueprint("discrepancies")


@pages.get("/diff")
def overview(data_space: str) -> Response:
    """The newest comparison, or the one that is named, and the form for another."""
    view = _page(known_data_space(data_space).id)
    return show(OVERVIEW, view, view.verdict.found if view.verdict else view.runs)


@pages.get("/diff/live")
def live(data_space: str) -> Response:
    """How the comparison that runs is doing, as server-sent events."""
    space, url = known_data_space(data_space).id, url_for(".overview", data_space=data_space)

    def look() -> str:
        return fragment(OVERVIEW, "status", _page(space, with_verdict=False, url=url))

    return current_dashboard().live.stream(f"diff {space}", "status", look)


@pages.post("/diff")
def compare(data_space: str) -> AnyResponse:
    """Begins a comparison."""
    space = known_data_space(data_space)
    upload, path = request.files.get("upload"), request.form.get("path", "").strip()

    def sides(folder: Path) -> Sides:
        sent, name = _sent(folder, upload, path)
        return Sides(sent, name, _own_url(), current_service().config.control_token)

    current_dashboard().diffs.start(space.id, sides)
    return redirect(url_for(".overview", data_space=space.id), 303)


@pages.post("/diff/stop")
def stop(data_space: str) -> AnyResponse:
    """Ends the comparison that runs."""
    space = known_data_space(data_space)
    current_dashboard().diffs.stop(space.id)
    return redirect(url_for(".overview", data_space=space.id), 303)


@pages.get("/diff/<int:number>/<int:index>")
def one_discrepancy(data_space: str, number: int, index: int) -> Response:
    """One discrepancy: what is the matter, how it came, what to do."""
    space, runs = known_data_space(data_space), current_dashboard().diffs
    history, run = current_service().store.history, runs.run(space.id, number)
    view = discrepancy_page(runs, history, space.id, run, index)
    return show(DISCREPANCY, view, view.differences)


@pages.get("/diff/<int:number>/report.<format_>")
def report(data_space: str, number: int, format_: str) -> Response:
    """The report as `mcs diff` wrote it, to be saved."""
    space = known_data_space(data_space)
    if format_ not in FORMATS:
        raise UsageError(NO_FORMAT.format(given=format_, formats=", ".join(FORMATS)))
    path = current_dashboard().diffs.report(space.id, number, format_)
    name = f"diff-{number}.{format_}"
    return send_file(path, as_attachment=True, download_name=name)


def _page(data_space: str, *, with_verdict: bool = True, url: str = "") -> DiffPage:
    dashboard, config = current_dashboard(), current_service().config
    runs = dashboard.diffs.runs(data_space)
    ended = [run for run in runs if run.state is not DiffState.RUNNING]
    named = wanted_number(request.args, "run") if with_verdict else None
    chosen = (
        dashboard.diffs.run(data_space, named)
        if named
        else next((run for run in ended if run.has_report), None)
    )
    shown = chosen if with_verdict and chosen is not None and chosen.has_report else None
    default = config.var.absolute() / DATABASE
    return DiffPage(
        data_space=data_space,
        running=next((run_row(r) for r in runs if r.state is DiffState.RUNNING), None),
        expected_s=next((run.took_s for run in ended if run.has_report), None),
        failed=run_row(ended[0]) if ended and not ended[0].has_report else None,
        default_sent=str(default),
        default_exists=default.is_file(),
        may_name_path=not dashboard.admission.required,
        verdict=verdict(dashboard.diffs, data_space, shown, url or request.path, request.args)
        if shown
        else None,
        runs=Table("Comparisons, newest first", RUN_COLUMNS, [run_row(run) for run in runs]),
    )


def _sent(folder: Path, upload: FileStorage | None, path: str) -> tuple[tuple[str, str], str]:
    """The option that names the sent side, and what people call it."""
    if upload is not None and upload.filename:
        name = secure_filename(upload.filename) or "items.ndjson"
        kept = folder / f"{UPLOADED}-{name}"
        upload.save(kept)
        return ("--sent", str(kept)), name
    if path and current_dashboard().admission.required:
        raise UsageError(NO_PATH)
    database = Path(path) if path else current_service().config.var.absolute() / DATABASE
    if not database.is_file():
        raise UsageError(NO_DATABASE.format(path=database))
    return ("--commerce", str(database.absolute())), str(database)


def _own_url() -> str:
    """This server as its own machine reaches it, whatever the visitor calls it."""
    host, port = str(request.environ["SERVER_NAME"]), request.environ["SERVER_PORT"]
    host = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
