"""A page of HTML that needs nothing else, written whole or not at all."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from immunosep import __version__
from immunosep.errors import ImmunosepError
from immunosep.protocol.trial import Trial
from immunosep.report.drawing import printable
from immunosep.screening.wording import plain_number


def render(
    template: str, *, trial: Trial, source: str, now: datetime, content: Mapping[str, Any]
) -> str:
    """The page: the template with its content, the style sheet inside."""
    style = files("immunosep.report").joinpath("style.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template(template)
        .render(
            trial=trial,
            source=printable(source),
            now=now,
            version=__version__,
            style=style,
            **content,
        )
    )


def render_plain(template: str, **content: Any) -> str:
    """A page of a template that brings its own frame."""
    return _environment().get_template(template).render(**content)


def write_whole(path: Path, page: str) -> None:
    """Write beside the target, then put it in place: a reader finds the old page or the new one."""
    write_bytes(path, page.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """The same for what is no page of text."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
        part.replace(path)
    except OSError as problem:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise ImmunosepError(
            f"the report could not be written to {path}: {problem.strerror}. "
            "Name a file in a folder that exists and that you may write to."
        ) from problem


def say_time(moment: datetime) -> str:
    """A time in words, with its offset from UTC where it has one."""
    offset = moment.strftime("%z")
    zone = f" (UTC{offset[:3]}:{offset[3:]})" if offset else ""
    return f"{moment.day} {moment.strftime('%B %Y, %H:%M')}{zone}"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: '1 patient', '1,200 patients'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("immunosep.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "say_time": say_time,
        "number": plain_number,
        "printable": printable,
    }
    environment.filters.update(filters)
    return environment
