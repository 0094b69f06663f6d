"""What strict mode refuses of the genuine samples, as the page docs/strict-and-lenient.md.

python -m tests.contract.sample_findings > docs/strict-and-lenient.md
"""

import sys

from mcs.contract.feeds import FEEDS
from mcs.contract.validation import warnings_of
from tests.contract.test_facts import SAMPLES, sample

PREAMBLE = """\
# Strict and lenient

The real service bears more than its exporter sends. In `lenient` mode, the default, this one does
too, and keeps what a strict reader would have refused as warnings: `mcs contract check` lists them.
In `strict` mode they are refusals: use it to test an exporter of your own against what the genuine
one sends.

Bodies as genuine clients send them pass in lenient mode. This is what strict mode refuses of them:

| body | item | what strict mode says |
| --- | --- | --- |
"""


def page() -> str:
    """The page, made from the samples that stand beside the checkout."""
    rows = []
    for name, feed_name in SAMPLES.items():
        found = warnings_of(FEEDS[feed_name], sample(name))
        rows += [f"| {name} | {error.index} | {error.message} |" for error in found]
        rows += [] if found else [f"| {name} | | nothing: it is as the exporter sends it |"]
    return PREAMBLE + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
