"""FCS files written for tests, byte by byte: whole ones, and ones with a single fault.

`written_fcs(table)` is a whole file of that table. `said` changes keywords (None leaves one out),
`patch` changes bytes of the HEADER by their place, `text_ends` is what stands after the last value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[Any]
Said = Mapping[str, str | None]
HEADER_BYTES = 58
EVENTS = np.arange(12, dtype="<f4").reshape(4, 3) + 0.5
NAMES = ("FSC-A", "PE-A", "Time")
ORDERS = {"<": "1,2,3,4", ">": "4,3,2,1"}


def written_fcs(
    table: Table = EVENTS,
    *,
    bits: Sequence[int] | None = None,
    said: Said | None = None,
    version: str = "FCS3.1",
    delimiter: str = "|",
    text_ends: bytes | None = None,
    patch: Mapping[int, bytes] | None = None,
    data_ends: int = 0,
) -> bytes:
    """HEADER, TEXT, DATA. `data_ends` is added to where DATA are said to end."""
    widths = list(bits) if bits is not None else [8 * table.itemsize] * table.shape[1]
    data = packed(table, widths)
    keywords = default_keywords(table, widths) | {"$BEGINDATA": "0" * 9, "$ENDDATA": "0" * 9}
    keywords |= dict(said or {})
    ends = delimiter.encode() if text_ends is None else text_ends
    first = HEADER_BYTES + len(text_of(keywords, delimiter) + ends)
    last = first + len(data) - 1 + data_ends
    told = {"$BEGINDATA": f"{first:09d}", "$ENDDATA": f"{last:09d}"}
    text = (
        text_of(keywords | {k: told[k] for k in told if keywords[k] == "0" * 9}, delimiter) + ends
    )
    return header_of(version, len(text), first, last, patch or {}) + text + data


def default_keywords(table: Table, widths: Sequence[int]) -> dict[str, str | None]:
    """Those every file has."""
    order = ORDERS["<" if table.dtype.newbyteorder("=") == table.dtype else ">"]
    kind = {"f": "F" if table.itemsize == 4 else "D"}.get(table.dtype.kind, "I")
    count = table.shape[1]
    keywords: dict[str, str | None] = {"$MODE": "L", "$NEXTDATA": "0", "$BYTEORD": order}
    keywords |= {"$DATATYPE": kind, "$PAR": str(count), "$TOT": str(len(table))}
    for n, width in enumerate(widths, start=1):
        name = NAMES[n - 1] if count <= len(NAMES) else f"C{n}"
        top = 262144 if kind != "I" else 2**width
        keywords |= {f"$P{n}N": name, f"$P{n}B": str(width), f"$P{n}R": str(top), f"$P{n}E": "0,0"}
    return keywords


def text_of(keywords: Said, delimiter: str = "|") -> bytes:
    """The segment without its last delimiter; a delimiter within is doubled."""
    parts = [part for pair in keywords.items() if pair[1] is not None for part in pair]
    doubled = [str(part).replace(delimiter, 2 * delimiter) for part in parts]
    return "".join(delimiter + part for part in doubled).encode()


def header_of(
    version: str, text_size: int, first: int, last: int, patch: Mapping[int, bytes]
) -> bytes:
    """Where the segments lie, with some bytes overwritten."""
    offsets = (HEADER_BYTES, HEADER_BYTES + text_size - 1, first, last, 0, 0)
    header = bytearray(f"{version:<10}{''.join(f'{offset:8d}' for offset in offsets)}".encode())
    for place, content in patch.items():
        header[place : place + len(content)] = content
    return bytes(header)


def packed(table: Table, widths: Sequence[int]) -> bytes:
    """The numbers with as many bits each as `widths` says, in the table's byte order."""
    if set(widths) <= {8 * table.itemsize}:
        return table.tobytes()
    order: Literal["little", "big"] = (
        "little" if table.dtype.newbyteorder("=") == table.dtype else "big"
    )
    return b"".join(
        int(number).to_bytes(width // 8, order)
        for row in table
        for number, width in zip(row, widths, strict=True)
    )
