"""Structured logs: one JSON object a line, with nothing in it that could tell a value or an arm."""

import logging
from collections.abc import Mapping
from typing import Any

import structlog

MAY_BE_SAID = frozenset(
    {"event", "level", "timestamp", "logger", "method", "route", "status", "milliseconds", "user"}
)


def only_what_may_be_said(_logger: Any, _method: str, line: Any) -> Any:
    """Drop every key that is not on the list: a list of what is secret is never complete."""
    return {key: value for key, value in line.items() if key in MAY_BE_SAID}


def configure(options: Mapping[str, Any]) -> None:
    """What Django calls with its LOGGING setting."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[only_what_may_be_said, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(options.get("level", "INFO"))
