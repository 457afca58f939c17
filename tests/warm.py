"""A Python that has imported what the command imports, and forks once for each command.

A Python of its own costs a command one to three seconds of imports. This one pays them once. In a
fork the program, which may be the installed console script, runs as the interpreter's own would:
with its words, folder, environment and streams, and it leaves by `sys.exit`. What forks has opened
no engine, has no second thread and is not the tests' own process, but a program of this file.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import immunosep

MESSAGE = 1 << 20  # bytes; words and an environment are far fewer
OF_TESTS = ("DJANGO_", "IMMUNOSEP_", "PYTEST_")
# Libraries keep to one thread, so that none is cut off by a fork.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}

# What our modules import when they run; of Django, what needs no settings.
LATER = (
    "django.contrib.admin",
    "django.contrib.auth.password_validation",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.db.models",
    "django.shortcuts",
    "django.views.debug",
    "ibis.backends.duckdb",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "pyarrow.pandas_compat",
    "pydantic.json_schema",
    "requests",
    "typer._adapters",
)


def without_tests() -> dict[str, str]:
    """The environment, but for what is there for the tests alone."""
    return {k: v for k, v in os.environ.items() if not k.startswith(OF_TESTS)}


class Warm:
    """The Python that waits for commands, seen from the tests."""

    def __init__(self) -> None:
        self._asking, answering = socket.socketpair()
        path = {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
        with answering:
            self._python = subprocess.Popen(
                [sys.executable, __file__, str(answering.fileno())],
                env=without_tests() | path | ONE_THREAD,
                stdin=subprocess.DEVNULL,
                pass_fds=[answering.fileno()],
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process that forks."""
        return self._python.pid

    def run(
        self, program: Sequence[str], *, environment: Mapping[str, str], seconds: int, merged: bool
    ) -> subprocess.CompletedProcess[str]:
        """Run a script with its words, or `-m` and a module with its; `merged`: in one stream."""
        asked = {"program": program, "folder": str(Path.cwd()), "environment": dict(environment)}
        self._asking.settimeout(seconds)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            streams = [out.fileno(), (out if merged else err).fileno()]
            socket.send_fds(self._asking, [json.dumps(asked).encode()], streams)
            status = self._asking.recv(MESSAGE)
            assert status, "the Python that waits for commands has ended"
            said = [_read(out), _read(err)]
        return subprocess.CompletedProcess(list(program), int(status), *said)

    def stop(self) -> None:
        """End it, and whatever it still runs."""
        self._asking.close()
        os.killpg(self._python.pid, signal.SIGTERM)
        self._python.wait()


@cache
def warm_python() -> Warm:
    """This process's own, from its first command until the tests are done."""
    warm = Warm()
    atexit.register(warm.stop)
    return warm


def _read(file: Any) -> str:
    file.seek(0)
    written: bytes = file.read()
    return written.decode()


# ── What runs in that Python ────────────────────────────────────────────────────────────────────


def _import() -> None:
    for module in pkgutil.walk_packages(immunosep.__path__, "immunosep."):
        if not module.name.startswith("immunosep.web."):  # Django wants its settings first
            importlib.import_module(module.name)
    for name in LATER:
        importlib.import_module(name)
    gc.freeze()  # collecting what was imported would copy every page of it


def _serve(answering: socket.socket) -> list[str] | None:
    """Answer until nobody asks: None. In a fork: what it is to run."""
    while True:
        message, streams, _, _ = socket.recv_fds(answering, MESSAGE, 2)
        if not message:
            return None
        if (command := os.fork()) == 0:
            answering.close()
            return _become(json.loads(message), streams)
        for stream in streams:
            os.close(stream)
        status = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
        answering.sendall(str(status).encode())


def _become(asked: dict[str, Any], streams: list[int]) -> list[str]:
    for at, stream in enumerate(streams, start=1):
        os.dup2(stream, at)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    program: list[str] = asked["program"]
    return program


def _run(program: list[str]) -> None:
    """Run it, then end as Python does, but leave what was imported to the system."""
    try:
        if program[0] == "-m":
            sys.path[0], sys.argv[:] = str(Path.cwd()), program[1:]
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            sys.path[0], sys.argv[:] = str(Path(program[0]).parent), program
            runpy.run_path(program[0], run_name="__main__")
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        threading._shutdown()  # type: ignore[attr-defined] # as multiprocessing ends its forks
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)


if __name__ == "__main__":
    _import()
    if program := _serve(socket.socket(fileno=int(sys.argv[1]))):
        _run(program)
