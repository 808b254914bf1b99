"""Make the services' keys and give each its own ring: `AUDIT_ORIGIN=… python -m ops.docker.make_keys FOLDER`.

FOLDER holds one folder per ring, each a volume that only its holder sees later: its private keys and everybody's
public ones. `signer` is audit's ring with the private key of the log, which its web pages have no need to hold.
Run again, it makes what is missing and leaves the rest.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from services.audit.publish import make_key
from shared.keys import generate
from shared.settings import SERVICES

PUBLIC, LOG_PRIVATE, LOG_PUBLIC = "public.json", "log.json", "log.vkey"
VAULT = "workflow.vault.json"
RINGS = {
    **{service: (f"{service}.json", PUBLIC) for service in SERVICES},
    "workflow": ("workflow.json", PUBLIC, VAULT),
    "audit": ("audit.json", PUBLIC, LOG_PUBLIC),
    "signer": ("audit.json", PUBLIC, LOG_PUBLIC, LOG_PRIVATE),
}
"""What hangs on each ring."""


def main(rings: Path, origin: str) -> None:
    """Raises OSError when a folder is missing or not ours."""
    with tempfile.TemporaryDirectory() as bench:
        folder = Path(bench)
        _gather(rings, folder)
        generate(folder, SERVICES)
        make_key(folder, origin)
        for ring, names in RINGS.items():
            for name in names:
                _put(folder / name, rings / ring / name)


def _gather(rings: Path, folder: Path) -> None:
    """Take back what earlier runs gave out: private halves and, beside each, its public one."""
    public = {}
    for ring, names in RINGS.items():
        for name in names:
            found = rings / ring / name
            if found.exists() and name != PUBLIC:
                shutil.copy2(found, folder)
        if ring in SERVICES and (rings / ring / PUBLIC).exists():
            public[ring] = json.loads((rings / ring / PUBLIC).read_text())[ring]
    (folder / PUBLIC).write_text(json.dumps(public))


def _put(source: Path, target: Path) -> None:
    fresh = target.with_suffix(".new")
    shutil.copy2(source, fresh)
    fresh.replace(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), os.environ["AUDIT_ORIGIN"])
