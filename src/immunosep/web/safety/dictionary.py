"""The sponsor's own MedDRA, read from the folder that a setting names. None is shipped.

MedDRA is licensed (ICH; MSSO). Its distribution has files of fields that end in `$`; two are read:
`llt.asc` (code, name, code of the preferred term, whether the term is current) and `mdhier.asc`
(codes and names of the hierarchy, one row of each preferred term with `Y` for its primary organ
class), as the MedDRA Distribution File Format Document has them. The folder's name is that of the
version.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from django.conf import settings

from immunosep.errors import SettingsError

TERMS, HIERARCHY = "llt.asc", "mdhier.asc"
LLT_NAME, LLT_PT, LLT_CURRENT = 1, 2, 9
PT_CODE, PT_NAME, SOC_NAME, PRIMARY = 0, 4, 7, 11
FIELDS = {TERMS: LLT_CURRENT, HIERARCHY: PRIMARY}
NEAR, SUGGESTED = 0.75, 5


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A lowest level term, with the preferred term and the primary organ class it belongs to."""

    version: str
    lowest_term: str
    preferred_term: str
    organ_class: str


@dataclass(frozen=True, kw_only=True)
class Dictionary:
    """One version: its suggestions by the lowest level term in small letters."""

    version: str
    by_term: Mapping[str, Suggestion]


def site_dictionary() -> Dictionary | None:
    """The one that the settings name; none without the setting. Read once while it is the same."""
    folder = Path(settings.MEDDRA) if settings.MEDDRA else None
    if folder is None:
        return None
    lacking = [name for name in FIELDS if not (folder / name).is_file()]
    if lacking:
        raise SettingsError(
            f"IMMUNOSEP_MEDDRA names a folder without {', '.join(lacking)}; expected the ASCII "
            "files of a MedDRA version. Correct the path, or leave the setting out."
        )
    return _read(folder, max((folder / name).stat().st_mtime_ns for name in FIELDS))


def suggestions_for(term: str) -> list[Suggestion]:
    """What a term may be coded as: the very term, or else those spelt most like it."""
    found = site_dictionary()
    wanted = " ".join(term.casefold().split())
    if found is None or not wanted:
        return []
    if wanted in found.by_term:
        return [found.by_term[wanted]]
    near = get_close_matches(wanted, _alike(wanted, found), n=SUGGESTED, cutoff=NEAR)
    once = {found.by_term[name].preferred_term: found.by_term[name] for name in reversed(near)}
    return list(reversed(once.values()))


def _alike(wanted: str, dictionary: Dictionary) -> list[str]:
    """Terms of nearly the same length: no others can be that similar."""
    ratio = NEAR / (2 - NEAR)
    low, high = len(wanted) * ratio, len(wanted) / ratio
    return [name for name in dictionary.by_term if low <= len(name) <= high]


@cache
def _read(folder: Path, _changed: int) -> Dictionary:
    parents = {
        row[PT_CODE]: (row[PT_NAME], row[SOC_NAME])
        for row in _rows(folder / HIERARCHY)
        if row[PRIMARY] == "Y"
    }
    found = {
        row[LLT_NAME].casefold(): Suggestion(
            version=folder.name,
            lowest_term=row[LLT_NAME],
            preferred_term=parents[row[LLT_PT]][0],
            organ_class=parents[row[LLT_PT]][1],
        )
        for row in _rows(folder / TERMS)
        if row[LLT_CURRENT] != "N" and row[LLT_PT] in parents
    }
    return Dictionary(version=folder.name, by_term=found)


def _rows(file: Path) -> Iterator[list[str]]:
    """The fields of each line; SettingsError with the lines that have too few."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [line.split("$") for line in lines]
    short = [number for number, row in enumerate(rows, start=1) if len(row) <= FIELDS[file.name]]
    if short:
        raise SettingsError(
            f"{file.name} of IMMUNOSEP_MEDDRA has too few fields on line {short[0]} and "
            f"{len(short) - 1} more; expected fields that end in $, as MedDRA distributes them. "
            "Copy the file again."
        )
    return iter(rows)
