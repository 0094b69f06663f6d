"""Writes the pages: `python -m mcs.reference docs/reference`."""

import sys
from pathlib import Path

from mcs.reference.pages import PAGES


def main(folder: Path) -> None:
    """Writes every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")
    sys.stdout.write(f"Wrote {', '.join(PAGES)} in {folder}.\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
