"""From a path or an open file to its data sets: all of them, or an error with all that is wrong."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.data import Readable
from immunosep.cytometry.fcs.data_set import read_data_set
from immunosep.cytometry.fcs.file import FcsFile
from immunosep.cytometry.fcs.notes import Notes
from immunosep.errors import FcsError


def read_fcs(path: str | Path | BinaryIO) -> tuple[FcsFile, ...]:
    """One value for each data set, in the file's order; at least one.

    An open file is read from its beginning and left open. `FcsError` says everything that is wrong.
    """
    subject = _subject(path)
    with _opened(path, subject) as file:
        size = file.seek(0, io.SEEK_END)
        if not size:
            raise FcsError(subject, ["is empty; copy or export it again"])
        if size > limits.FILE_BYTES:
            raise FcsError(subject, [f"has {size:,} bytes, expected {limits.FILE_BYTES:,} at most"])
        return _read_data_sets(file, size, subject)


def _read_data_sets(file: Readable, size: int, subject: str) -> tuple[FcsFile, ...]:
    read: list[FcsFile] = []
    problems: list[str] = []
    start, number = 0, 1
    while number <= limits.DATA_SETS:
        notes = Notes()
        data_set, following = read_data_set(file, start, size, notes)
        if data_set:
            read.append(data_set)
        place = f"data set {number}: " if number > 1 else ""
        problems += [place + problem for problem in notes.problems]
        if not following:
            break
        start, number = start + following, number + 1
    else:
        problems.append(f"holds more than {limits.DATA_SETS} data sets")
    if problems:
        raise FcsError(subject, problems)
    return tuple(read)


def _subject(path: str | Path | BinaryIO) -> str:
    """The head of a message: the file's name, without the folders that lead to it."""
    name = Path(path).name if isinstance(path, str | Path) else ""
    return f"cannot read {name or 'the FCS file'}"


@contextmanager
def _opened(path: str | Path | BinaryIO, subject: str) -> Iterator[Readable]:
    """The file, able to jump and to fill memory that is given to it."""
    try:
        if not isinstance(path, str | Path):
            yield _able(path)
        elif Path(path).exists() and not Path(path).is_file():
            raise FcsError(subject, ["is no file; give the path of one FCS file"])
        else:
            with Path(path).open("rb") as file:
                yield file
    except FileNotFoundError:
        raise FcsError(subject, ["there is no such file; check the path"]) from None
    except OSError as error:
        raise FcsError(
            subject, [f"{error.strerror or error}; check the disk and permissions"]
        ) from None


def _able(file: BinaryIO) -> Readable:
    if file.seekable() and hasattr(file, "readinto"):
        return cast(Readable, file)
    return io.BytesIO(file.read(limits.FILE_BYTES + 1))
