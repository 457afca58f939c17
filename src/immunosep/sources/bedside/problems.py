"""What is wrong with a file, each thing once, with the rows it is wrong in."""

from collections.abc import Iterator, Sequence

ROWS_NAMED = 5


class Problems:
    """Collects problems by sentence; `in_row` keeps together the rows that share one."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}

    def add(self, sentence: str) -> None:
        """A problem of the file as a whole."""
        self._rows.setdefault(sentence, [])

    def in_row(self, row: int, sentence: str) -> None:
        """A problem of one row."""
        self._rows.setdefault(sentence, []).append(row)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def sentences(self, places: Sequence[str]) -> Iterator[str]:
        """Each problem with the first rows it is in; `places` says where each row stands."""
        for sentence, rows in self._rows.items():
            yield f"{_listed([places[row] for row in rows])}: {sentence}" if rows else sentence


def _listed(places: Sequence[str]) -> str:
    kind = places[0].partition(" ")[0]
    numbers = ", ".join(place.removeprefix(f"{kind} ") for place in places[:ROWS_NAMED])
    more = len(places) - ROWS_NAMED
    return f"{kind}{'s' if len(places) > 1 else ''} {numbers}" + (
        f" and {more} more" if more > 0 else ""
    )
