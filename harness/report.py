"""The parts of `harness.reports` that most callers need, under one short name."""

from mcs.harness.reports.document import load_result, to_document
from mcs.harness.reports.parts import identity_text
from mcs.harness.reports.text import render_text

__all__ = ["identity_text", "load_result", "render_text", "to_document"]
