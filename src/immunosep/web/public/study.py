"""What the public page says of a trial, all of it read from the trial value and the site's rows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from immunosep.languages import Said, say, say_many
from immunosep.protocol.treatment import Appearance, Route
from immunosep.protocol.trial import Trial
from immunosep.tables.dictionary import COLUMNS
from immunosep.trials import TRIALS
from immunosep.web.centres.models import Centre, Status
from immunosep.web.code.models import Code

ROUTES = {
    Route.INTRAVENOUS: say("an infusion into a vein"),
    Route.SUBCUTANEOUS: say("an injection under the skin"),
    Route.ORAL: say("a medicine by mouth"),
}
HOURS_A_DAY = 24
REGISTRIES = (  # how a number looks, and the address of its page in that registry
    (re.compile(r"\bNCT\d{8}\b"), "https://clinicaltrials.gov/study/{}"),
    (
        re.compile(r"\b\d{4}-\d{6}-\d{2}\b"),
        "https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:{}",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Recruitment:
    """Whether the trial takes patients: a word for the page, its shape, and how many centres."""

    words: str
    badge: str
    schema_org: str  # MedicalStudyStatus
    open: int
    centres: int


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A number under which the trial is registered, and where to read the entry."""

    number: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a referring doctor should have at hand: a group of values."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """The published fingerprint of the randomisation list."""

    digest: str
    live: bool
    loaded_at: datetime


def recruitment(trial: Trial) -> Recruitment:
    """Read from the site's centres; a centre without a row has not opened."""
    statuses = list(Centre.objects.values_list("status", flat=True))
    counted = {status: statuses.count(status) for status in Status}
    words, badge, schema = _standing(counted)
    return Recruitment(
        words=words,
        badge=badge,
        schema_org=f"https://schema.org/{schema}",
        open=counted[Status.OPEN],
        centres=max(len(statuses), len(trial.centres)),
    )


def _standing(counted: dict[Status, int]) -> tuple[str, str, str]:
    if counted[Status.OPEN]:
        return say("Recruiting"), "met", "Recruiting"
    if counted[Status.PAUSED]:
        return say("Recruitment paused"), "warn", "Suspended"
    if counted[Status.CLOSED] and not counted[Status.PLANNED]:
        return say("Recruitment ended"), "not-met", "ActiveNotRecruiting"
    return say("Not yet recruiting"), "unknown", "NotYetRecruiting"


def registered(numbers: Iterable[str]) -> tuple[Registered, ...]:
    """Each number with the address of its entry, where the registry is one we know."""
    return tuple(Registered(number=number, url=_entry(number)) for number in numbers)


def _entry(number: str) -> str:
    found = ((shape.search(number), url) for shape, url in REGISTRIES)
    return next((url.format(match[0]) for match, url in found if match), "")


def given(trial: Trial) -> tuple[str, ...]:
    """What a participant is given, in lay words: the same sentences whatever the group."""
    looks = dict.fromkeys(
        component.appearance for regimen in trial.regimens for component in regimen.components
    )
    return tuple(dict.fromkeys(_sentence(appearance) for appearance in looks))


def _sentence(appearance: Appearance) -> str:
    return say(
        "{route} {every}, for up to {days}",
        route=ROUTES[appearance.route],
        every=_every(appearance.every_hours),
        days=_days(appearance.days),
    )


def _every(hours: int) -> str:
    days, rest = divmod(hours, HOURS_A_DAY)
    if rest or not days:
        return say_many("every {count} hour", "every {count} hours", count=hours)
    return say("every day") if days == 1 else say("every {count} days", count=days)


def _hours(number: float) -> Said:
    return say_many("{count} hour", "{count} hours", count=_plain(number))


def _days(number: float) -> Said:
    return say_many("{count} day", "{count} days", count=_plain(number))


def _plain(number: float) -> int:
    """Whole where it is: 72.0 is 72."""
    return int(number) if float(number).is_integer() else number  # type: ignore[return-value]


def window_in_words(trial: Trial) -> str:
    """Such as `72 hours (3 days)`; empty for a trial without a window."""
    if not trial.window_hours:
        return ""
    hours = _hours(trial.window_hours)
    days = trial.window_hours / HOURS_A_DAY
    if days >= 1 and days.is_integer():
        return say("{hours} ({days})", hours=hours, days=_days(days))
    return hours


def control_share(trial: Trial) -> str:
    """How many are in a control group, such as `1 in 2`; empty where it is not published."""
    ratio = trial.allocation.ratio if trial.allocation else {}
    control = sum(ratio.get(arm.id, 0) for arm in trial.arms if arm.control)
    if not control:
        return ""
    share = Fraction(control, sum(ratio.values()))
    return say("{number} in {all}", number=share.numerator, all=share.denominator)


def asked_of(trial: Trial) -> tuple[Asked, ...]:
    """The values that screening asks for, by form, as the data dictionary names them."""
    columns = dict(COLUMNS)
    return tuple(
        Asked(label=form.label, values=tuple(columns[name].label for name in form.columns))
        for form in trial.screening_forms
    )


def other_trials(trial: Trial) -> tuple[Trial, ...]:
    """The package's other trials: a patient whom this one does not take may fit there."""
    return tuple(other for id_, other in TRIALS.items() if id_ != trial.id)


def commitment() -> Commitment | None:
    """The fingerprint of the list in use; None before it is loaded."""
    code = Code.objects.filter(active=True).only("commitment", "live", "loaded_at").first()
    if code is None:
        return None
    return Commitment(digest=code.commitment, live=code.live, loaded_at=code.loaded_at)


def texts_of(trial: Trial) -> tuple[str, ...]:
    """All words of the trial that the public page repeats."""
    interventions = (one.label for one in trial.interventions)
    criteria = (text for one in trial.criteria for text in (one.text, one.limit))
    return (trial.title, trial.summary, *criteria, *interventions)
