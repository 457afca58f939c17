"""How answers leave the process: data on standard output, the rest on standard error."""

import csv
import errno
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.segment import Segment

from immunosep.errors import ImmunosepError

REPORT_EXTRAS = ("jinja2", "matplotlib")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def print_json(value: Any) -> None:
    """Print a value as JSON; characters are escaped where the terminal could not show them."""
    utf_8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, indent=2, ensure_ascii=not utf_8, allow_nan=False)
    sys.stdout.write(text + "\n")


def print_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as CSV, a header first. Lists are joined by semicolons; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    sys.stdout.write(text.getvalue())


def print_page(page: RenderableType) -> None:
    """Print for people."""
    Console(highlight=False).print(_Trimmed(page), end="")


@dataclass(frozen=True)
class _Trimmed:
    """A page without blanks at the ends of its lines, so that copying one brings none along."""

    page: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for line in console.render_lines(self.page, options, pad=False):
            while line and not line[-1].text.rstrip():
                line.pop()
            yield from line[:-1]
            yield from (Segment(last.text.rstrip(), last.style) for last in line[-1:])
            yield Segment.line()


def warn(message: str) -> None:
    """Say on standard error what has to be known to read the answer, to people and programs."""
    sys.stderr.write(f"note: {message}\n")


def note(message: str) -> None:
    """Say something beside the answer, if someone is there to read it."""
    if sys.stderr.isatty():
        Console(stderr=True, highlight=False).print(message, style="dim", markup=False)


@contextmanager
def progress(description: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show how far a long piece of work is; call what it gives with the number of steps done."""
    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn()]
    counted = [MofNCompleteColumn()] if total else []
    bar = Progress(
        *columns,
        *counted,
        Elapsed(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(description, total=total)
        yield lambda steps: bar.update(task, advance=steps)


def check_target(path: Path, *, inputs: Sequence[Path]) -> None:
    """Refuse to write over what is read, or into it, or where there is no folder."""
    target = path.resolve()
    for given in inputs:
        read = given.resolve()
        if target == read or (read.is_dir() and target.is_relative_to(read)):
            raise ImmunosepError(
                f"{path.name} is part of what is read; nothing was written. Name another file."
            )
    if not target.parent.is_dir():
        raise unwritable(path, os.strerror(errno.ENOENT))


def check_report_extras() -> None:
    """Say which packages a report needs, before any work is done for it."""
    missing = [name for name in REPORT_EXTRAS if find_spec(name) is None]
    if missing:
        raise ImmunosepError(
            f"the report needs {' and '.join(missing)}; "
            "install with `pip install 'immunosep[report]'`"
        )


@contextmanager
def replaced_whole(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to: it takes its place at the end, or goes if that fails."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.open("xb").close()
        yield part
        part.replace(path)
    except OSError as error:
        raise unwritable(path, error.strerror) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def unwritable(path: Path, reason: str | None) -> ImmunosepError:
    """The error that a file could not be written."""
    return ImmunosepError(
        f"cannot write {path}: {reason}. Name a file in a folder that exists, that you may write "
        "to, and that has room."
    )


@contextmanager
def answer_written() -> Iterator[None]:
    """Turn an answer that standard output does not take, such as a full disk, into one message."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.EPIPE or error.filename:  # nobody reads on; not standard output
            raise
        with suppress(OSError):  # what is still held would fail again when the process ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ImmunosepError(f"cannot write the answer: {error.strerror}") from None


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, str) and value.startswith(BEGINS_A_FORMULA):
        return f"'{value}"  # a spreadsheet shows it, and does not run it
    return value
