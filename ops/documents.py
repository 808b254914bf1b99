"""A document of docs/ that is written from the code: written by `make docs`, compared by `--check`."""

import sys
from collections.abc import Sequence
from pathlib import Path


def write_or_check(document: Path, fresh: str, usage: str | None, argv: Sequence[str] | None = None) -> int:
    """Write what is fresh, or with `--check` say whether the document is; the exit code: 1 stale, 2 wrong words."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words not in ([], ["--check"]):
        print(usage, file=sys.stderr)
        return 2
    if words:
        is_fresh = document.is_file() and document.read_text(encoding="utf-8") == fresh
        if not is_fresh:
            print(f"docs/{document.name} is not what the code says: run `make docs`", file=sys.stderr)
        return 0 if is_fresh else 1
    document.write_text(fresh, encoding="utf-8")
    return 0
