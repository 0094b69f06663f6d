"""A plan as a file, and what a run writes beside it: whole or not at all, readable by its owner."""

import json
from pathlib import Path
from typing import Any

from mcs.loadtests.measures import Measures
from mcs.loadtests.plan import Plan
from mcs.whole_files import write_secret

PLAN, MEASURED, PROGRESS = "plan.json", "measured.json", "progress.json"


def read_plan(path: Path) -> Plan:
    """The plan in a file."""
    return Plan.of_document(json.loads(path.read_text("utf-8")))


def write_plan(plan: Plan, folder: Path) -> Path:
    """Writes the plan; only its owner can read it, since it holds private keys."""
    path = folder / PLAN
    write_json(path, plan.as_document())
    return path


def read_measured(folder: Path) -> tuple[Measures, dict[str, Any]]:
    """What a run measured, and how it ended: {"complete", "aborted", "workers", "lost_workers"}."""
    document = json.loads((folder / MEASURED).read_text("utf-8"))
    return Measures.of_document(document["measures"]), document["ending"]


def write_json(path: Path, document: Any) -> None:
    """Writes under another name, then renames."""
    write_secret(path, json.dumps(document).encode())
