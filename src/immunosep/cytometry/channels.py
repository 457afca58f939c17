"""Which channel measures what: told by its stain, or by a mapping the laboratory types.

A channel is never taken by its place in the file. One row of a mapping is a role and the name
(`$PnN`) or the stain (`$PnS`) of its channel::

    hla_dr = "PE-A"
    cd14 = "PerCP-Cy5-5-A"
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from immunosep.cytometry.fcs import Channel, FcsFile
from immunosep.cytometry.forms import read_form
from immunosep.errors import SourceError

STAINS = {
    "cd45": re.compile(r"(?:ANTI)?CD45(?!R|\d)"),
    "cd14": re.compile(r"(?:ANTI)?(?:CD14(?!\d)|MONOCYTE)"),
    "hla_dr": re.compile(r"(?:ANTI)?(?:MHLADR|HLADR)(?!\d)"),
}
SCATTER = {
    "fsc_area": re.compile(r"FSC?(?:A|LIN|LOG)?"),
    "fsc_height": re.compile(r"FSC?H"),
    "fsc_width": re.compile(r"FSC?W"),
    "ssc_area": re.compile(r"SSC?(?:A|LIN|LOG)?"),
    "ssc_height": re.compile(r"SSC?H"),
}
TIME = "TIME"
OTHER_MARKER = re.compile(r"CD\d+|HLADR")
OTHER_DYE = re.compile(r"FITC|ALEXA|APC|PERCP|BV\d|PACIFIC|ECD|PC\d|PECY|PETEXAS|PEDAZZLE|CY5")
LONGEST = 40  # letters of a channel's name that a message shows


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The names of the channels, by what they measure; None where a file has none.

    `ssc` and `fsc` are the area, or the height where no area was stored.
    """

    hla_dr: str
    cd14: str
    fsc: str
    ssc: str
    cd45: str | None = None
    fsc_area: str | None = None
    fsc_height: str | None = None
    fsc_width: str | None = None
    time: str | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """Every channel that is read, once."""
        names = (getattr(self, part.name) for part in fields(self))
        return tuple(dict.fromkeys(name for name in names if name is not None))


ROLES = ("hla_dr", "cd14", "cd45", "fsc_area", "fsc_height", "fsc_width", "ssc", "time")


def read_channel_map(path: Path) -> dict[str, str]:
    """The mapping of a TOML file, by role."""
    typed = read_form(path)
    problems = [
        f"{role!r} is no role; expected {', '.join(ROLES)}" for role in typed if role not in ROLES
    ]
    problems += [
        f"{role} is not a text; expected the name of a channel, in quotation marks"
        for role, name in typed.items()
        if not isinstance(name, str)
    ]
    if problems:
        raise SourceError(path.name, problems)
    return {role: str(name) for role, name in typed.items()}


def find_roles(file: FcsFile, mapping: Mapping[str, str] | None = None) -> Roles:
    """The roles in a patient tube; a SourceError lists what is absent or told twice."""
    search = _Search(file, dict(mapping or {}), [])
    found = {role: search.stained(role) for role in STAINS}
    found |= {role: search.named(role) for role in SCATTER}
    found["time"] = search.time()
    fsc = found["fsc_area"] or found["fsc_height"]
    ssc = search.mapped("ssc") or found.pop("ssc_area") or found.pop("ssc_height")
    needed = {"hla_dr": found["hla_dr"], "cd14": found["cd14"], "fsc": fsc, "ssc": ssc}
    search.problems.extend(
        f"no channel for {role}: none of {_listed(file.channels)} tells; "
        "name it in a file given with --channels"
        for role, name in needed.items()
        if name is None and role not in search.doubtful
    )
    if not search.problems:
        _refuse_other_dye(file, str(found["hla_dr"]), search.problems)
    if search.problems:
        raise SourceError("the channels of the patient tube", search.problems)
    optional = {part: found[part] for part in ("cd45", "fsc_area", "fsc_height", "fsc_width")}
    return Roles(
        hla_dr=str(found["hla_dr"]), cd14=str(found["cd14"]), fsc=str(fsc), ssc=str(ssc),
        time=found["time"], **optional,
    )  # fmt: skip


@dataclass(frozen=True)
class _Search:
    file: FcsFile
    mapping: dict[str, str]
    problems: list[str]

    @property
    def doubtful(self) -> set[str]:
        """Roles that already have a problem of their own."""
        return {problem.split(":")[0] for problem in self.problems}

    def mapped(self, role: str) -> str | None:
        if role not in self.mapping:
            return None
        asked = self.mapping[role]
        found = [c for c in self.file.channels if c.name == asked]
        found = found or [c for c in self.file.channels if c.stain == asked]
        return self._only(role, found, wanted=f"the channel {asked!r} of the mapping")

    def stained(self, role: str) -> str | None:
        if role in self.mapping:
            return self.mapped(role)
        found = [c for c in self.file.channels if _is_stain(role, c.stain or c.name)]
        areas = [c for c in found if c.name.upper().endswith("A")]
        if len({_detector(c.name) for c in found}) == 1 and areas:
            found = areas
        return self._only(role, found) if found else None

    def named(self, role: str) -> str | None:
        if role in self.mapping:
            return self.mapped(role)
        found = [c for c in self.file.channels if SCATTER[role].fullmatch(_letters(c.name))]
        return self._only(role, found) if found else None

    def time(self) -> str | None:
        if "time" in self.mapping:
            return self.mapped("time")
        found = [c for c in self.file.channels if _letters(c.name) == TIME]
        return found[0].name if found else None

    def _only(self, role: str, found: list[Channel], *, wanted: str = "one channel") -> str | None:
        if len(found) == 1:
            return found[0].name
        told = f"{len(found)} channels: {_listed(found)}" if found else "no channel"
        self.problems.append(
            f"{role}: expected {wanted}, found {told}; name one in a file given with --channels"
        )
        return None


def _is_stain(role: str, text: str) -> bool:
    """Whether a stain names this marker and no other."""
    letters = _letters(text)
    named = STAINS[role].search(letters)
    others = STAINS[role].sub("", letters)
    return named is not None and not OTHER_MARKER.search(others)


def _refuse_other_dye(file: FcsFile, name: str, problems: list[str]) -> None:
    """Beads that carry PE calibrate no other dye."""
    channel = file.channels[file.index(name)]
    for text in (channel.name, channel.stain):
        letters = STAINS["hla_dr"].sub("", _letters(text))
        if OTHER_DYE.search(letters):
            problems.append(
                f"hla_dr: {shown(name)} does not look like PE; beads with PE calibrate PE alone. "
                "Measure HLA-DR in PE, or name the channel in a file given with --channels"
            )
            return


def _letters(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _detector(name: str) -> str:
    return re.sub(r"[-_ ]?[AHW]$", "", name.upper())


def _listed(channels: Iterable[Channel]) -> str:
    return ", ".join(shown(channel.name) for channel in channels)


def shown(name: str) -> str:
    """A channel's name, safe to show."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"
