"""Files that are there whole or not at all: written under another name, then renamed.

It knows nothing of the project.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what becomes the file at the end of the block; nothing stays if that fails.

    Raises OSError if the file cannot be put there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_secret(path: Path, content: bytes) -> None:
    """Writes a file that nobody else on the machine may read. Raises OSError."""
    with replacing(path) as draft:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
