"""The pairs of tubes in a folder: `bed7_patient.fcs` goes with `bed7_beads.fcs`.

A `bed7_lot.toml` or `bed7_handling.toml` beside them counts for that pair alone. Where one bead
tube serves all, every other FCS file is a patient tube.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from immunosep.errors import SourceError

FCS = (".fcs", ".lmd")
NAMED = re.compile(r"(?P<pair>.*?)[-_ .]*(?P<kind>patient|beads)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two tubes by their files, and the forms that go with them, where they have their own."""

    name: str
    patient: Path
    beads: Path
    lot: Path | None = None
    handling: Path | None = None


def find_pairs(folder: Path, *, beads: Path | None) -> list[Pair]:
    """Every pair of a folder, by name; a SourceError lists the tubes that have no other half."""
    files = sorted(path for path in folder.iterdir() if _is_tube(path))
    if beads is not None:
        if not beads.is_file():
            raise SourceError(beads.name or str(beads), ["is no file; expected one bead tube"])
        found = {path.stem: (path, beads) for path in files if path.resolve() != beads.resolve()}
    else:
        found = _matched(folder, files)
    if not found:
        raise SourceError(
            folder.name, ["no pair of tubes; expected NAME_patient.fcs beside NAME_beads.fcs"]
        )
    return [
        Pair(
            name=name,
            patient=patient,
            beads=tube,
            lot=_form(folder, name, "lot"),
            handling=_form(folder, name, "handling"),
        )
        for name, (patient, tube) in found.items()
    ]


def _is_tube(path: Path) -> bool:
    """Not what a Mac leaves beside every file on a stick: `._bed7_patient.fcs`."""
    return path.suffix.lower() in FCS and not path.name.startswith(".")


def _matched(folder: Path, files: Sequence[Path]) -> dict[str, tuple[Path, Path]]:
    tubes: dict[str, dict[str, Path]] = {}
    problems = []
    for path in files:
        named = NAMED.fullmatch(path.stem)
        if named is None:
            problems.append(f"{path.name} ends in neither _patient nor _beads")
            continue
        kinds = tubes.setdefault(named["pair"] or folder.resolve().name, {})
        if kinds.setdefault(named["kind"].lower(), path) != path:
            problems.append(f"{path.name} is the second tube of its kind for that pair")
    for kinds in tubes.values():
        lone = next(iter(kinds.values()))
        if len(kinds) == 1:
            problems.append(f"{lone.name} has no other half")
    if problems:
        raise SourceError(
            folder.name,
            [*problems, "expected NAME_patient.fcs beside NAME_beads.fcs, or one --beads for all"],
        )
    return {name: (kinds["patient"], kinds["beads"]) for name, kinds in tubes.items()}


def _form(folder: Path, name: str, kind: str) -> Path | None:
    path = folder / f"{name}_{kind}.toml"
    return path if path.is_file() else None
