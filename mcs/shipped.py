"""Texts that come with mcs, by name; or any other, by path.

It knows where they are installed, nothing of what is in them: who uses one reads it.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from mcs.contract.errors import UsageError

ENDING = ".yaml"
UNKNOWN = (
    '"{name}" is neither a file nor a {noun} that comes with mcs. Give the path of a YAML file, '
    "or one of: {names}."
)
UNREADABLE = "{name}: it cannot be read ({reason})."


@dataclass(frozen=True, slots=True)
class Shipped:
    """The YAML files of a package. noun: what one of them is."""

    package: str
    noun: str

    def names(self) -> list[str]:
        """Those that come with mcs, in order."""
        found = (Path(entry.name) for entry in files(self.package).iterdir())
        return sorted(path.stem for path in found if path.suffix == ENDING)

    def text(self, name: str) -> str:
        """The YAML of one that comes with mcs, else the file of this path. Raises UsageError."""
        if name in self.names():
            return files(self.package).joinpath(name + ENDING).read_text("utf-8")
        try:
            return Path(name).read_text("utf-8")
        except FileNotFoundError:
            names = ", ".join(self.names())
            raise UsageError(UNKNOWN.format(name=name, noun=self.noun, names=names)) from None
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(UNREADABLE.format(name=name, reason=reason)) from None


SCENARIOS = Shipped("mcs.fixtures.scenarios", "scenario")
CASES = Shipped("mcs.fixtures.cases", "support case")
