"""How gunicorn runs a process of the site; `serving` gives the address and number of workers."""

import os
from pathlib import Path
from typing import Any

preload_app = True  # imported once, before the workers part
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 20
max_requests = 5000  # a worker is replaced after so many, lest memory creep
max_requests_jitter = 500
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Say that a worker can answer, to whoever waits for the site to be up."""
    if ready := os.environ.get("IMMUNOSEP_READY_FILE"):
        Path(ready).touch()
