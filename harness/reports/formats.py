"""The formats of a report, where one goes, and how it gets there: whole, or not at all."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import IO, Protocol, cast

from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.harness.reports.report import Report
from mcs.whole_files import replacing


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"
    JUNIT = "junit"
    HTML = "html"
    CSV = "csv"


NO_FORMAT = (
    '"{text}" does not say which format to write. Put one of {formats} in front, such as '
    "junit:{file}, or take a name that ends in one of: {suffixes}."
)
NOT_OF_REPORT = "--report: {format} is no format of this report. Take one of: {formats}."
NO_FILE = '"{text}" names no file. Write FORMAT:FILE, such as junit:report.xml.'
IS_FOLDER = "{path} is a folder. Name a file in it."
NOT_WRITTEN = "cannot write {path}: {reason}. The report is not there, so do not rely on it."

# Loaded when asked for: HTML and JUnit bring libraries with them.
_MODULES = {
    Format.TEXT: "text",
    Format.JSON: "document",
    Format.NDJSON: "ndjson",
    Format.JUNIT: "diff_cases",
    Format.HTML: "html",
    Format.CSV: "table",
}
_BY_SUFFIX = {
    ".txt": Format.TEXT,
    ".json": Format.JSON,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".xml": Format.JUNIT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".csv": Format.CSV,
}


class Form(Protocol):
    """What the module of a format has."""

    def write(self, report: Report, out: IO[bytes]) -> None:
        """Writes the whole report."""

    def write_failure(self, message: str, out: IO[bytes]) -> None:
        """Writes what no program takes for a verdict."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A file that a report is to be written to."""

    format: Format
    path: Path


def form(format_: Format) -> Form:
    """What writes this format."""
    return cast(Form, import_module(f"{__package__}.{_MODULES[format_]}"))


def destination(text: str, formats: Collection[Format] = tuple(Format)) -> Destination:
    """Where FORMAT:FILE leads, or FILE by itself if its suffix tells the format.

    formats: those that there are of the report, which a refusal names. Raises UsageError.

    >>> destination("junit:a.txt").format, destination("a.html").format
    (<Format.JUNIT: 'junit'>, <Format.HTML: 'html'>)
    """
    name, colon, path = text.partition(":")
    if colon and name in set(Format):
        return Destination(_known(Format(name), formats), _file(path, text))
    format_ = suggested(Path(text))
    if format_ is None:
        raise UsageError(_no_format(text, formats))
    return Destination(_known(format_, formats), _file(text, text))


def suggested(path: Path) -> Format | None:
    """The format that the file's name suggests."""
    return _BY_SUFFIX.get(path.suffix.lower())


def write_file(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Has the file written under another name, then renamed; folders above it are made.

    A device or a pipe is written to as it is. Raises CouldNotTell if it cannot be written; then
    nothing is there that was not before.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as out:
                write(out)
        else:
            _replace(path.resolve(), write)
    except OSError as error:
        raise CouldNotTell(NOT_WRITTEN.format(path=path, reason=error.strerror or error)) from None


def _replace(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft, draft.open("wb") as out:
        write(out)


def _known(format_: Format, formats: Collection[Format]) -> Format:
    if format_ not in formats:
        raise UsageError(NOT_OF_REPORT.format(format=format_, formats=", ".join(formats)))
    return format_


def _no_format(text: str, formats: Collection[Format]) -> str:
    name, colon, path = text.partition(":")
    suffixes = (suffix for suffix, format_ in _BY_SUFFIX.items() if format_ in formats)
    # What stands before a colon was meant for a format.
    file = path if colon and name.isalnum() and path else text
    named, ends = ", ".join(formats), ", ".join(suffixes)
    return NO_FORMAT.format(text=text, formats=named, file=file, suffixes=ends)


def _file(path: str, text: str) -> Path:
    if not path:
        raise UsageError(NO_FILE.format(text=text))
    if Path(path).is_dir():
        raise UsageError(IS_FOLDER.format(path=path))
    return Path(path)
