"""The scenarios that come with mcs, by name; or any other, by path.

It knows where they are installed, nothing of what is in them: who runs one reads it.
"""

from importlib.resources import files
from pathlib import Path

from mcs.contract.errors import UsageError

PACKAGE = "mcs.fixtures.scenarios"
ENDING = ".yaml"
UNKNOWN = (
    '"{name}" is neither a file nor a scenario that comes with mcs. Give the path of a YAML file, '
    "or one of: {names}."
)
UNREADABLE = "{name}: it cannot be read ({reason})."


def scenario_names() -> list[str]:
    """The scenarios that come with mcs."""
    found = (Path(entry.name) for entry in files(PACKAGE).iterdir())
    return sorted(path.stem for path in found if path.suffix == ENDING)


def scenario_text(name: str) -> str:
    """The YAML of a scenario: one that comes with mcs, else the file of this path.

    Raises UsageError.
    """
    if name in scenario_names():
        return files(PACKAGE).joinpath(name + ENDING).read_text("utf-8")
    try:
        return Path(name).read_text("utf-8")
    except FileNotFoundError:
        names = ", ".join(scenario_names())
        raise UsageError(UNKNOWN.format(name=name, names=names)) from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(UNREADABLE.format(name=name, reason=reason)) from None
