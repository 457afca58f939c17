"""A PostgreSQL server of our own for a test run: in a new folder, on a free port, then gone."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MISSING = "POSTGRESQL IS NOT HERE: the Debian package is postgresql"


def binaries() -> Path | None:
    """Where initdb and pg_ctl are, the newest version first; None where there are none."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


@dataclass(frozen=True)
class Server:
    """A running server; every database asked of it is new."""

    bin: Path
    port: int

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"test_{secrets.token_hex(6)}"
        command = [str(self.bin / "createdb"), "-h", "127.0.0.1", "-p", str(self.port)]
        subprocess.run([*command, "-U", "postgres", name], check=True, timeout=60)
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"


@contextmanager
def running_server() -> Iterator[Server]:
    """A server that trusts whoever reaches it, which is this machine alone."""
    bin_ = binaries()
    assert bin_ is not None, MISSING
    folder = Path(tempfile.mkdtemp(prefix="immunosep-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")  # PostgreSQL refuses to run as root
    data, port = folder / "data", _free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
    _as_postgres(bin_ / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
    _as_postgres(bin_ / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield Server(bin_, port)
    finally:
        _as_postgres(bin_ / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(*command: object) -> None:
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    words = [*(user if os.geteuid() == 0 else []), *(str(word) for word in command)]
    subprocess.run(
        words, check=True, timeout=120, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
