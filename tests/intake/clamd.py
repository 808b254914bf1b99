"""A virus scanner for tests: a server of ours that speaks the daemon's protocol, and the daemon where it is there."""

import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner finds and nothing is harmed by. Source: eicar.org."""


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            return
        data = b""
        while size := int.from_bytes(self.rfile.read(4)):
            data += self.rfile.read(size)
        is_bad = b"EICAR-STANDARD" in data
        first = self.server.first.pop() if self.server.first else b""  # type: ignore[attr-defined]
        self.wfile.write(first or self.server.answer or (b"stream: Eicar-Test FOUND\0" if is_bad else b"stream: OK\0"))  # type: ignore[attr-defined]


class FakeClamd(socketserver.ThreadingTCPServer):
    """Finds EICAR; `answer` is what it says instead, `first` what it says once."""

    allow_reuse_address = daemon_threads = True
    answer = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.first: list[bytes] = []

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def fake_clamd() -> Iterator[FakeClamd]:
    with FakeClamd() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def away() -> str:
    """The address of a scanner where nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{line.getsockname()[1]}"


@contextmanager
def real_clamd(program: str, folder: Path) -> Iterator[str]:
    """The daemon on a socket in this folder, knowing one signature."""
    folder.mkdir(exist_ok=True)
    (folder / "eicar.hdb").write_text("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n")
    path = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {path}\nDatabaseDirectory {folder}\nForeground yes\nUser root\nLogFile {folder}/log\n"
    )
    with subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_for(path, process)
            yield f"unix:{path}"
        finally:
            process.terminate()


def wait_for(path: Path, process: Any) -> None:
    for _ in range(300):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(0.1)
            try:
                line.connect(str(path))
            except OSError:
                threading.Event().wait(0.05)
            else:
                return
        assert process.poll() is None, "clamd ended at once"
    raise TimeoutError("clamd does not listen")
