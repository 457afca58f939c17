"""Running a site: the processes of gunicorn, in the foreground or behind.

A site has one group of site processes and, where the folder knows the code key, one keyed process.
They are started with different environments: a site process is never given the key.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from immunosep.errors import SettingsError
from immunosep.web.folder import SiteFolder

PATIENCE_SECONDS = 60  # for the first worker to be able to answer
LOOK_SECONDS = 0.1
OF_THE_KEY = (
    "IMMUNOSEP_CODE_KEY"  # taken from the folder alone, so that no site process inherits it
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the site listens; the keyed process has the next port."""

    host: str
    port: int

    @property
    def site(self) -> str:
        """What a browser is given."""
        return f"http://{self._name}:{self.port}"

    @property
    def keyed(self) -> str:
        """What an unblinded pharmacist's browser is given."""
        return f"http://{self._name}:{self.port + 1}"

    @property
    def _name(self) -> str:
        return "localhost" if self.host in ("127.0.0.1", "0.0.0.0") else self.host


def serve(folder: SiteFolder, address: Address, *, workers: int) -> int:
    """Serve until interrupted, or until one group of processes ends; its exit code."""
    with _running(folder, address, workers=workers) as groups:
        while all(group.poll() is None for group in groups):
            time.sleep(LOOK_SECONDS)
        return next(code for group in groups if (code := group.poll()) is not None)


def start_behind(folder: SiteFolder, address: Address, *, workers: int) -> None:
    """Serve in the background, and come back once the site answers."""
    stop_behind(folder)
    ready = _ready_files(folder)
    for file in ready:
        file.unlink(missing_ok=True)
    with (folder.path / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "immunosep", "serve", str(folder.path), "--host", address.host,
             "--port", str(address.port), "--workers", str(workers)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    _pid_file(folder).write_text(str(process.pid), encoding="ascii")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(file.exists() for file in ready):
        if process.poll() is not None or time.monotonic() > deadline:
            stop_behind(folder)
            raise SettingsError(
                f"the site did not start; {folder.path / 'serve.log'} says why. Is port "
                f"{address.port} or {address.port + 1} in use? Name another with --port."
            )
        time.sleep(LOOK_SECONDS)


def stop_behind(folder: SiteFolder) -> bool:
    """Stop a site that serves in the background; whether there was one."""
    file = _pid_file(folder)
    if not file.exists():
        return False
    written = file.read_text(encoding="ascii").strip()
    file.unlink()
    if not written.isdecimal():  # whoever wrote it was stopped half way
        return False
    pid = int(written)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(round(PATIENCE_SECONDS / LOOK_SECONDS)):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(LOOK_SECONDS)
    return True


@contextlib.contextmanager
def _running(
    folder: SiteFolder, address: Address, *, workers: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    urls = {"IMMUNOSEP_SITE_URL": address.site, "IMMUNOSEP_KEYED_URL": address.keyed}
    site_ready, *keyed_ready = _ready_files(folder)
    groups = [_gunicorn(address.host, address.port, workers, urls | folder.settings(), site_ready)]
    for ready in keyed_ready:
        settings = urls | folder.keyed_settings()
        groups.append(_gunicorn(address.host, address.port + 1, 1, settings, ready))
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield groups
    finally:
        signal.signal(signal.SIGTERM, previous)
        for group in groups:
            group.terminate()
        for group in groups:
            group.wait()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _gunicorn(
    host: str, port: int, workers: int, settings: Mapping[str, str], ready: Path
) -> subprocess.Popen[bytes]:
    held = {k: v for k, v in os.environ.items() if not k.startswith(OF_THE_KEY)}
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "immunosep.web.wsgi:application",
         "--config", "python:immunosep.web.gunicorn_settings",
         "--bind", f"{host}:{port}", "--workers", str(workers), "--log-level", "warning"],
        env={**settings, **held, "IMMUNOSEP_READY_FILE": str(ready)},
        start_new_session=True,
    )  # fmt: skip


def _ready_files(folder: SiteFolder) -> list[Path]:
    names = ["site.ready", *(["keyed.ready"] if folder.has_key else [])]
    return [folder.path / name for name in names]


def _pid_file(folder: SiteFolder) -> Path:
    return folder.path / "serve.pid"
