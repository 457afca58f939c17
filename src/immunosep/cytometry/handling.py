"""How a sample reached the cytometer: hours until it was stained, cooling, transport, lysis, tube.

HLA-DR rises on monocytes that stand warm, so the time to staining has a limit: 4 hours, or 24
cooled, or 6 shipped to a central laboratory. Lysing without washing reads about 18 % higher than
lysing with it (Döcke Clin Chem 2005;51:2341, which also has the 4 hours on ice), so the mode is
recorded and never mixed. Typed in as TOML::

    hours_to_stain = 2.5
    cooled = true
    shipped = false
    lysis = "no-wash"
    tube = "EDTA"

`assay_cv` is a laboratory's own, from its replicates; without it, 5 % for fresh blood in one
laboratory, 10 % shipped, 20 % shipped in a tube that fixes the cells. Of a sample whose way is not
given nothing is known to be fresh, so the widest of these counts.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from immunosep.cytometry.forms import read_form
from immunosep.cytometry.quality import Check, Outcome
from immunosep.errors import SourceError

FRESH_HOURS, SHIPPED_HOURS, COOLED_HOURS, FIXED_HOURS = 4, 6, 24, 72
FRESH_CV, SHIPPED_CV, FIXED_CV = 0.05, 0.10, 0.20
UNKNOWN_CV = FIXED_CV
LEAST_CV, MOST_CV = 0.005, 0.5


class Lysis(StrEnum):
    """How red cells were lysed."""

    WASH = "wash"
    NO_WASH = "no-wash"


class Anticoagulant(StrEnum):
    """The tube blood was drawn into."""

    EDTA = "EDTA"
    HEPARIN = "heparin"
    CYTO_CHEX = "Cyto-Chex"


@dataclass(frozen=True, kw_only=True)
class Handling:
    """What is known of one sample's way; None is unknown, and what has to be known refuses it."""

    hours_to_stain: float | None = None
    cooled: bool | None = None
    shipped: bool | None = None
    lysis: Lysis | None = None
    tube: Anticoagulant | None = None
    assay_cv: float | None = None

    @property
    def fixed(self) -> bool:
        """Whether the tube itself keeps the cells as they are."""
        return self.tube is Anticoagulant.CYTO_CHEX

    @property
    def assay_error(self) -> float:
        """The assay's share of the standard error of ln."""
        if self.assay_cv is not None:
            return self.assay_cv
        if self.fixed:
            return FIXED_CV
        return SHIPPED_CV if self.shipped else FRESH_CV


def read_handling(path: Path) -> Handling:
    """The handling of a TOML file."""
    typed = read_form(path)
    known = [part.name for part in fields(Handling)]
    problems = [
        f"{key!r} is no key; expected {', '.join(known)}" for key in typed if key not in known
    ]
    problems += [said for key, value in typed.items() if (said := _problem(key, value))]
    if problems:
        raise SourceError(path.name, problems)
    if "lysis" in typed:
        typed["lysis"] = Lysis(typed["lysis"])
    if "tube" in typed:
        typed["tube"] = Anticoagulant(typed["tube"])
    return Handling(**typed)


def check_handling(handling: Handling | None) -> list[Check]:
    """Whether the sample was stained in time, and whether its lysis and tube are recorded."""
    if handling is None:
        return [
            Check(
                name="sample handling",
                value="not given",
                limit="on record",
                outcome=Outcome.FLAG,
                says="Sample handling is not given: check age and lysis.",
            )
        ]
    return [_age(handling), _lysis(handling), _tube(handling)]


def _age(handling: Handling) -> Check:
    hours, limit = handling.hours_to_stain, _age_limit(handling)
    name = "hours to staining"
    if (
        hours is None
        or handling.shipped is None
        or (hours > FRESH_HOURS and handling.cooled is None)
    ):
        return Check(
            name=name, value=hours, limit=limit, outcome=Outcome.REFUSE,
            says="How old the sample was, or how it was kept, is not known.",
        )  # fmt: skip
    if hours <= FRESH_HOURS:
        return Check(name=name, value=hours, limit=limit, outcome=Outcome.PASS)
    if hours <= _latest(handling):
        return Check(
            name=name, value=hours, limit=limit, outcome=Outcome.FLAG,
            says=f"The sample was stained after more than {FRESH_HOURS} hours.",
        )  # fmt: skip
    return Check(
        name=name, value=hours, limit=limit, outcome=Outcome.REFUSE,
        says="The sample was stained too late; draw a new one.",
    )  # fmt: skip


def _latest(handling: Handling) -> int:
    if handling.fixed:
        return FIXED_HOURS
    if handling.shipped:
        return SHIPPED_HOURS
    return COOLED_HOURS if handling.cooled else FRESH_HOURS


def _age_limit(handling: Handling) -> str:
    latest = _latest(handling)
    return f"{FRESH_HOURS} or fewer" + (f"; flag to {latest}" if latest > FRESH_HOURS else "")


def _lysis(handling: Handling) -> Check:
    known = handling.lysis is not None
    return Check(
        name="lysis",
        value=handling.lysis.value if handling.lysis else None,
        limit="on record: wash or no-wash",
        outcome=Outcome.PASS if known else Outcome.REFUSE,
        says="" if known else "Whether cells were washed is not known; it moves HLA-DR by 18 %.",
    )


def _tube(handling: Handling) -> Check:
    match handling.tube:
        case Anticoagulant.EDTA | Anticoagulant.CYTO_CHEX:
            outcome, says = Outcome.PASS, ""
        case Anticoagulant.HEPARIN:
            outcome, says = Outcome.FLAG, "The method was standardised on EDTA, not heparin."
        case None:
            outcome, says = Outcome.FLAG, "The tube the blood was drawn into is not known."
    return Check(
        name="tube",
        value=handling.tube.value if handling.tube else None,
        limit="EDTA or Cyto-Chex",
        outcome=outcome,
        says=says,
    )


def _problem(key: str, value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match key:
        case "hours_to_stain" if not number or not 0 <= value <= 1000:
            return "hours_to_stain is not a number of hours from 0; expected one such as 2.5"
        case "assay_cv" if not number or not LEAST_CV <= value <= MOST_CV:
            return "assay_cv is outside 0.005 to 0.5; expected a share, 0.05 for 5 %"
        case "cooled" | "shipped" if not isinstance(value, bool):
            return f"{key} is not true or false; expected one of the two, without quotation marks"
        case "lysis" if value not in list(Lysis):
            return f"lysis is not known; expected {' or '.join(Lysis)}, in quotation marks"
        case "tube" if value not in list(Anticoagulant):
            return f"tube is not known; expected {', '.join(Anticoagulant)}, in quotation marks"
    return ""
