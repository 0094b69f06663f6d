"""Clauses that need not be met, each with the reason why."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mcs.contract.errors import UsageError
from mcs.harness.conformance.suites import ALL_CLAUSES

NO_REASON = (
    '--waive: got "{given}", expected CLAUSE=REASON, such as '
    '"DEL-2=we persist the whole payload". The reason stands in every report.'
)
UNKNOWN = '{where}: there is no clause "{clause}". `mcs conform --list` shows them all.'
NO_WAIVERS = (
    "{path}: expected a YAML mapping of reasons by clause, such as `DEL-2: we persist the whole "
    "payload`; {reason}."
)


def waivers(given: Iterable[str], files: Iterable[Path]) -> dict[str, str]:
    """The reasons by clause id, of the command line and of YAML files. Raises UsageError.

    >>> waivers(["DEL-2=we persist payloads"], [])
    {'DEL-2': 'we persist payloads'}
    """
    found: dict[str, str] = {}
    for path in files:
        found |= {_known(clause, str(path)): why for clause, why in _read(path).items()}
    for text in given:
        clause, _, reason = text.partition("=")
        if not reason.strip():
            raise UsageError(NO_REASON.format(given=text))
        found[_known(clause.strip(), "--waive")] = reason.strip()
    return found


def _known(clause: str, where: str) -> str:
    if clause not in ALL_CLAUSES:
        raise UsageError(UNKNOWN.format(where=where, clause=clause))
    return clause


def _read(path: Path) -> dict[str, str]:
    try:
        read: Any = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(NO_WAIVERS.format(path=path, reason=error.strerror)) from None
    except (YAMLError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(NO_WAIVERS.format(path=path, reason=reason)) from None
    if not isinstance(read, dict):
        raise UsageError(NO_WAIVERS.format(path=path, reason="it is none"))
    for clause, reason in read.items():
        if not isinstance(reason, str) or not reason.strip():
            told = f"{clause} has no reason"
            raise UsageError(NO_WAIVERS.format(path=path, reason=told))
    return {str(clause): reason.strip() for clause, reason in read.items()}
