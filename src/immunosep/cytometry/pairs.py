"""Whether the bead tube and the patient tube were run alike: one cytometer, one day, one setting.

The beads turn brightness into molecules only for the detector settings they were run at. A gain of
1.4 in one tube and 1.0 in the other moves the answer by 40 %, and nothing in the values shows it.
What was compared is never shown: keywords hold names and serial numbers.
"""

from collections.abc import Iterator
from datetime import date, datetime

from immunosep.cytometry.fcs import Channel, FcsFile
from immunosep.cytometry.quality import Check, Outcome

CYTOMETER, SERIAL, DATE = "$CYT", "$CYTSN", "$DATE"
OLD_SERIAL = "CYTNUM"
SETTINGS = {
    "voltage": "voltage",
    "gain": "gain",
    "log_decades": "log decades",
    "log_zero": "log zero",
    "range": "range",
}
AREA_SCALING = ("ASF",)  # how Diva names the area scaling of a laser and of forward scatter
SAME = "the same in both tubes"


def check_pair(patient: FcsFile, beads: FcsFile, *, channel: str) -> list[Check]:
    """Every setting of the HLA-DR channel and of the cytometer that has to agree."""
    mine, theirs = (file.channels[file.index(channel)] for file in (patient, beads))
    return [
        _keyword("cytometer", "the cytometer's model", patient, beads, CYTOMETER),
        *_serial(patient, beads),
        _same_day(patient, beads),
        *_settings(mine, theirs),
        *_area_scaling(patient, beads),
    ]


def acquired_on(file: FcsFile) -> date | None:
    """The day a tube was run, or None where the file does not say, or not readably."""
    text = file.keywords.get(DATE, "").strip()
    for form in ("%d-%b-%Y", "%Y-%m-%d", "%d-%b-%y", "%Y/%m/%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day, not a moment)
        except ValueError:
            continue
    return None


def _keyword(name: str, called: str, patient: FcsFile, beads: FcsFile, key: str) -> Check:
    mine, theirs = (file.keywords.get(key, "").strip() for file in (patient, beads))
    if mine and mine == theirs:
        return _agrees(name)
    if mine and theirs:
        return _differs(name, f"{called} differs between the tubes: run the beads on the same one.")
    if mine or theirs:
        return _differs(name, f"One tube tells {called}, the other does not: export both alike.")
    return _untold(name, f"Neither tube tells {called}.")


def _serial(patient: FcsFile, beads: FcsFile) -> Iterator[Check]:
    for key in (SERIAL, OLD_SERIAL):
        mine, theirs = (file.keywords.get(key, "").strip() for file in (patient, beads))
        if mine and theirs:
            yield _keyword("serial number", "the cytometer's serial number", patient, beads, key)
            return


def _same_day(patient: FcsFile, beads: FcsFile) -> Check:
    days = [acquired_on(file) for file in (patient, beads)]
    texts = [file.keywords.get(DATE, "").strip() for file in (patient, beads)]
    if all(texts) and texts[0] == texts[1]:
        return _agrees("day")
    if any(texts) and not all(texts):
        return _differs("day", "One tube tells its day, the other does not: export both alike.")
    if days[0] is None or days[1] is None:
        return _untold("day", "A tube does not tell readably on which day it was run.")
    apart = abs((days[0] - days[1]).days)
    if apart == 0:
        return _agrees("day")
    if apart == 1:
        return Check(
            name="day", value="a day apart", limit=SAME, outcome=Outcome.FLAG,
            says="The tubes were run on consecutive days: check that it was one session.",
        )  # fmt: skip
    return _differs("day", "The beads were run on another day: run them with the samples.")


def _settings(mine: Channel, theirs: Channel) -> Iterator[Check]:
    for part, words in SETTINGS.items():
        name, values = f"HLA-DR {words}", (getattr(mine, part), getattr(theirs, part))
        if values == (None, None):
            yield _untold(name, f"Neither tube tells the {words} of the HLA-DR channel.")
        elif values[0] == values[1]:
            yield _agrees(name)
        else:
            yield _differs(name, f"The {words} of the HLA-DR channel differs between the tubes.")


def _area_scaling(patient: FcsFile, beads: FcsFile) -> Iterator[Check]:
    """Only where both tubes tell it: many cytometers have none."""
    keys = [key for key in patient.keywords if key.endswith(AREA_SCALING) and key in beads.keywords]
    if not keys:
        return
    if all(patient.keywords[key].strip() == beads.keywords[key].strip() for key in keys):
        yield _agrees("area scaling")
    else:
        yield _differs("area scaling", "The lasers' area scaling differs between the tubes.")


def _agrees(name: str) -> Check:
    return Check(name=name, value="same", limit=SAME, outcome=Outcome.PASS)


def _differs(name: str, says: str) -> Check:
    said = says[0].upper() + says[1:]
    return Check(name=name, value="differs", limit=SAME, outcome=Outcome.REFUSE, says=said)


def _untold(name: str, says: str) -> Check:
    return Check(name=name, value="not told", limit=SAME, outcome=Outcome.FLAG, says=says)
