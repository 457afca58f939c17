"""Which column a code stands for: LOINC 2.77 as the dictionary has it, or a column's own name.

A quantity that is measured in two ways has two codes, such as creatinine by mass and by amount;
both mean the one column, and the unit says which it was.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from immunosep.sources.fhir.json_values import listed, mapping, text
from immunosep.tables.dictionary import BEDSIDE, DERIVED

LOINC = "http://loinc.org"
OWN = "urn:immunosep:variable"
"""The system of a code that is a name of the data dictionary: HLA-DR has no code of LOINC."""

ALSO: Mapping[str, str] = MappingProxyType(
    {
        "14682-9": "creatinine_mg_dl",  # moles/volume in serum or plasma
        "14631-6": "bilirubin_mg_dl",  # moles/volume in serum or plasma
        "26515-7": "platelets_10e3_ul",  # in blood, whatever the method
        "26499-4": "neutrophils_per_mm3",  # in blood, whatever the method
    }
)
"""Other codes of the same quantities (LOINC 2.77)."""

_SHOWN = re.compile(r"\d{1,7}-\d", re.ASCII)
_NAMES = {column.name for column in BEDSIDE}
_BY_CODE: dict[str, list[str]] = {}
for _column in BEDSIDE:
    if _column.loinc:
        _BY_CODE.setdefault(_column.loinc, []).append(_column.name)
for _code, _name in ALSO.items():
    _BY_CODE.setdefault(_code, []).append(_name)
_DERIVED = {column.loinc for column in DERIVED if column.loinc} - _BY_CODE.keys()


class UnknownCodeError(Exception):
    """A code that stands for no column, or not for one alone; the message is the reason."""

    def __init__(self, reason: str, *, faulty: bool = False) -> None:
        super().__init__(reason)
        self.faulty = faulty


def column_of(concept: Any) -> str:
    """The name of the column that a CodeableConcept stands for; else an `UnknownCodeError`."""
    codings = [mapping(each) for each in listed(mapping(concept).get("coding"))]
    found = {name for coding in codings for name in _names_of(coding)}
    if len(found) == 1:
        return found.pop()
    if found:
        names = ", ".join(sorted(found))
        raise UnknownCodeError(f"the code stands for several columns: {names}", faulty=True)
    codes = [code for c in codings if c.get("system") == LOINC and (code := text(c.get("code")))]
    raise UnknownCodeError(_unknown(codes))


def _names_of(coding: Mapping[str, Any]) -> list[str]:
    code = text(coding.get("code"))
    if coding.get("system") == LOINC:
        return _BY_CODE.get(code, [])
    return [code] if coding.get("system") == OWN and code in _NAMES else []


def _unknown(codes: list[str]) -> str:
    if not codes:
        return f"no code of LOINC, and no name of a column with the system {OWN}"
    if any(code in _DERIVED for code in codes):
        return "is derived from other columns, so it is not taken"
    shown = ", ".join(code for code in codes if _SHOWN.fullmatch(code))
    return f"no column has the LOINC code {shown}" if shown else "the code is none of LOINC"
