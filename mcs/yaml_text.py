"""A YAML text as what it says, or the line and the reason why it says nothing.

It knows nothing of the project.
"""

from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError


class NotYaml(Exception):
    """The text is no YAML. line: where, from 1 on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def load_yaml(text: str, kind: Literal["rt", "safe"] = "rt") -> Any:
    """What a text says. kind: rt for values that know their lines, safe for plain ones.

    In YAML 1.2, in which 10:30 is a text and no number of minutes. Raises NotYaml.
    """
    try:
        return YAML(typ=kind, pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(mark.line + 1 if mark else 1, str(error.problem)) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise NotYaml(1, str(error).splitlines()[0] or type(error).__name__) from None
