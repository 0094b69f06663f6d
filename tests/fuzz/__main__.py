"""`python -m tests.fuzz [--seconds N] [TARGET…]`: tries inputs, led by the code they reach.

What is found is kept below tests/fuzz/finds, and tried with every run of the tests from then on.
Exit code 1 if anything was found.
"""

import argparse
import base64
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import atheris

FINDS = Path(__file__).parent / "finds"
LONGEST_BYTES = 4096
# Longer than any target takes for so few bytes, on a machine that is busy.
ONE_INPUT_S = 30
MEMORY_MB = 2048


def main() -> int:
    """Tries each target in a process of its own; the library ends that when it is through."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target [default: 60]")
    parser.add_argument("--corpus", type=Path, default=Path("var/fuzz"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*")
    given = parser.parse_args()
    if given.one:
        _fuzz(given.one, given.corpus / given.one, given.seconds)
    from tests.fuzz.targets import TARGETS

    found = 0
    for name in given.targets or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz", "--one", name, "--corpus", given.corpus]
        seconds = ["--seconds", str(given.seconds)]
        ended = subprocess.run([*command, *seconds], capture_output=True, text=True, check=False)
        kept = _keep(name, given.corpus / name)
        found += kept
        said = [line for line in ended.stderr.splitlines() if line.startswith(("Done", "#"))]
        print(f"{name}: {said[-1] if said else ended.stderr[-500:]}; {kept} finds")  # noqa: T201 - a command
        if kept or ended.returncode:
            print(ended.stdout[-2000:], ended.stderr[-4000:])  # noqa: T201 - a command
        found += bool(ended.returncode and not kept)
    return 1 if found else 0


def _fuzz(name: str, corpus: Path, seconds: int) -> None:
    with atheris.instrument_imports(include=["mcs"]):
        from tests.fuzz.targets import TARGETS
    corpus.mkdir(parents=True, exist_ok=True)
    tried = TARGETS[name]
    for seed in tried.seeds:
        (corpus / sha256(seed).hexdigest()[:16]).write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST_BYTES}",
        f"-timeout={ONE_INPUT_S}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-artifact_prefix={corpus}/find-",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], tried.target)
    atheris.Fuzz()


def _keep(name: str, corpus: Path) -> int:
    # As text, since editors and diffs spoil what is none.
    finds = sorted(corpus.glob("find-*"))
    for find in finds:
        folder = FINDS / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / find.name.removeprefix("find-")).write_bytes(
            base64.encodebytes(find.read_bytes())
        )
        find.unlink()
    return len(finds)


if __name__ == "__main__":
    sys.exit(main())
