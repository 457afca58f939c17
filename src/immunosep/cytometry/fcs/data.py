"""DATA: from bytes to a table of stored numbers, one row an event, one column a channel.

The table is filled block by block while a block is in the processor's cache, and every byte is read
once. Integers take the narrowest type that holds the widest channel, and are masked to the bits
that `$PnR` needs, because some cytometers keep flags in the bits above (FCS 3.1, `$PnR`).
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from immunosep.cytometry.fcs.layout import BIG, Layout
from immunosep.cytometry.fcs.notes import Notes

BLOCK_BYTES = 2**20
FREE_BYTES = 16 * 2**20  # a table this small may be wider than its file by any factor
Table = NDArray[Any]


class Readable(Protocol):
    """What is asked of an open file."""

    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def read(self, size: int = -1, /) -> bytes: ...
    def readinto(self, buffer: memoryview, /) -> int | None: ...


def table_type(layout: Layout) -> np.dtype[Any]:
    """The type of every number of the table."""
    widest = max(channel.bits for channel in layout.channels) // 8
    kind, size = ("u", 1 << (widest - 1).bit_length()) if layout.data_type == "I" else ("f", widest)
    return np.dtype(f"{kind}{size}")


def check_widths(layout: Layout, notes: Notes) -> None:
    """One very wide channel among narrow ones would make the table many times its file."""
    table = layout.events * len(layout.channels) * table_type(layout).itemsize
    if table > max(FREE_BYTES, 2 * layout.events * layout.row_bytes):
        notes.refuse(
            "$PnB differ so much between channels that the table would take more than twice the "
            "file's memory; export the channels with one width"
        )


def read_table(file: Readable, layout: Layout, notes: Notes) -> Table:
    """The stored numbers, in the machine's own byte order, not to be written to."""
    table: Table = np.empty((layout.events, len(layout.channels)), table_type(layout))
    file.seek(layout.begins)
    rows = max(1, min(BLOCK_BYTES // layout.row_bytes, layout.events))
    fill = _Packed(layout, rows) if _is_packed(layout) else _Plain(layout)
    check = _Masks(layout, rows) if layout.data_type == "I" else _Finite()
    with np.errstate(all="ignore"):  # a file may hold numbers that are none
        for first in range(0, layout.events, rows):
            block = table[first : first + rows]
            if not fill(file, block):
                notes.refuse("the file ended while it was read; copy it again")
                break
            check(block)
    check.tell(notes)
    table.flags.writeable = False
    return table


def _is_packed(layout: Layout) -> bool:
    """Whether a row of the file is laid out otherwise than a row of the table."""
    return layout.row_bytes != len(layout.channels) * table_type(layout).itemsize


class _Plain:
    """Rows as NumPy has them, but for the order of bytes."""

    def __init__(self, layout: Layout) -> None:
        self._swap = not np.dtype(f"{layout.order}u2").isnative

    def __call__(self, file: Readable, block: Table) -> bool:
        whole = _read_into(file, block.reshape(-1).view(np.uint8).data)
        if self._swap:
            block.byteswap(inplace=True)
        return whole


class _Packed:
    """Rows of widths that NumPy has no type for, such as 24 bits, or of several widths.

    Each number's bytes are laid where they belong in a number of the table's width and the file's
    order of bytes; those that the file does not have stay zero from block to block.
    """

    def __init__(self, layout: Layout, rows: int) -> None:
        size = table_type(layout).itemsize
        self._packed = np.empty((rows, layout.row_bytes), np.uint8)
        self._wide = np.zeros((rows, len(layout.channels), size), np.uint8)
        self._numbers = self._wide.view(f"{layout.order}u{size}")[..., 0]
        self._runs = list(_runs(layout, size))

    def __call__(self, file: Readable, block: Table) -> bool:
        rows = len(block)
        whole = _read_into(file, self._packed[:rows].reshape(-1).data)
        for first, last, start, width, at in self._runs:
            run = self._packed[:rows, start : start + (last - first) * width]
            packed = run.reshape(rows, last - first, width)
            for byte in range(width):  # ten times as fast as all bytes of a number in one copy
                self._wide[:rows, first:last, at + byte] = packed[..., byte]
        block[...] = self._numbers[:rows]
        return whole


def _runs(layout: Layout, size: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Neighbouring channels of one width: the first and the one after the last; their first byte
    in a row and how many each has; the place of the first in a number of `size` bytes."""
    first = start = 0
    for bits, run in groupby(channel.bits for channel in layout.channels):
        last, width = first + len(list(run)), bits // 8
        yield first, last, start, width, size - width if layout.order == BIG else 0
        first, start = last, start + (last - first) * width


class _Masks:
    """Clears the bits above each channel's range, and counts the numbers that had any."""

    def __init__(self, layout: Layout, rows: int) -> None:
        bits = [min(_range_bits(c.range), c.bits) for c in layout.channels]
        self._needed = any(b < c.bits for b, c in zip(bits, layout.channels, strict=True))
        masks = np.array([2**b - 1 for b in bits], table_type(layout))
        self._masks = np.tile(masks, (rows if self._needed else 0, 1))
        self._masked = 0

    def __call__(self, block: Table) -> None:
        if self._needed:
            masks = self._masks[: len(block)]
            self._masked += int(np.count_nonzero(block > masks))
            np.bitwise_and(block, masks, out=block)

    def tell(self, notes: Notes) -> None:
        if self._masked:
            notes.warn(f"{self._masked:,} numbers were larger than $PnR allows; masked to its bits")


def _range_bits(levels: float) -> int:
    return (int(levels) - 1).bit_length()


class _Finite:
    """Counts what is not a finite number.

    The sum of the squares is finite only when each number is, and takes a third of the time.
    """

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, block: Table) -> None:
        flat = block.reshape(-1)
        if not np.isfinite(np.dot(flat, flat)):
            self._count += block.size - int(np.count_nonzero(np.isfinite(block)))

    def tell(self, notes: Notes) -> None:
        if self._count:
            notes.warn(f"{self._count:,} values are not finite numbers")


def _read_into(file: Readable, buffer: memoryview) -> bool:
    """Fill the buffer; whether there was enough to do so."""
    done = 0
    while done < len(buffer):
        count = file.readinto(buffer[done:])
        if not count:
            return False
        done += count
    return True
