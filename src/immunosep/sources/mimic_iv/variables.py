"""Which MIMIC-IV item is which of our variables, in which unit, and between which limits.

Source of the item numbers: the tables d_items and d_labitems of MIMIC-IV 2.2 (Johnson AEW et al.
Sci Data 2023;10:1), and issue #2159 of MIT-LCP/mimic-code for the newer infusion items. A value
outside its limits is an entry error and is left out; a limit is no clinical rule.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One item of the source; `unit` is that of our variable, the source's is converted to it."""

    itemid: int
    variable: str
    unit: str = ""  # empty: the source's own, which needs no check
    above: float = float("-inf")  # kept if greater
    at_most: float = float("inf")  # kept if not greater
    umol_l_per_mg_dl: float | None = None


LABORATORY = (
    Item(51265, "platelets_10e3_ul", "10*3/uL", above=0),
    # Young DS, Huth EJ. SI Units for Clinical Measurement. ACP 1998: 17.1 and 88.4.
    Item(50885, "bilirubin_mg_dl", "mg/dL", above=0, umol_l_per_mg_dl=17.1),
    Item(50912, "creatinine_mg_dl", "mg/dL", above=0, at_most=150, umol_l_per_mg_dl=88.4),
    Item(50821, "pao2_mmhg", "mm[Hg]", above=0, at_most=800),
    Item(50816, "fio2_percent", above=0),  # percent or fraction, told apart by size
)
FIO2_OF_GAS = 50816
SPECIMEN_ITEM = 52033  # what kind of blood a gas was measured in
ARTERIAL = "ART."

CHARTED = (
    Item(220052, "map_mmhg", above=0, at_most=300),  # arterial line
    Item(225312, "map_mmhg", above=0, at_most=300),  # second arterial line
    Item(220181, "map_mmhg", above=0, at_most=300),  # cuff
    Item(223835, "fio2_percent", above=0),
    Item(226512, "weight_kg", above=0, at_most=650),  # on admission
    Item(224639, "weight_kg", above=0, at_most=650),  # daily
)
"""Charted numbers. Below 1 mmHg or above 300 a mean pressure is a disconnected or flushed line."""

GCS_EYE, GCS_VERBAL, GCS_MOTOR = 220739, 223900, 223901
GCS_TUBE = "No Response-ETT"  # the verbal answer of a patient with an endotracheal tube

SUPPORT_ITEMS = (
    226732,
    223849,
    229314,
)  # oxygen device; ventilator mode; mode of a Hamilton ventilator
HEART_RATE = 220045

VENTILATION_PROCEDURES = {225792: "support_invasive", 225794: "support_non_invasive"}

INFUSIONS = (
    Item(221662, "dopamine_ug_kg_min", "ug/kg/min"),
    Item(221653, "dobutamine_ug_kg_min", "ug/kg/min"),
    Item(221289, "epinephrine_ug_kg_min", "ug/kg/min"),
    Item(229617, "epinephrine_ug_kg_min", "ug/kg/min"),  # newer item, same drug
    Item(221906, "norepinephrine_ug_kg_min", "ug/kg/min"),
)
"""Drugs SOFA scores. Vasopressin (222315), phenylephrine (221749, 229630-2), angiotensin II
(229709, 229764) and milrinone (221986) have no points in it (Vincent 1996) and are not read."""

IRRIGANT_IN = 227488
URINE = (
    226559,  # Foley catheter
    226560,  # void
    226561,  # condom catheter
    226584,  # ileoconduit
    226563,  # suprapubic
    226564,  # right nephrostomy
    226565,  # left nephrostomy
    226567,  # straight catheter
    226557,  # right ureteral stent
    226558,  # left ureteral stent
    227489,  # urine and irrigant out
    IRRIGANT_IN,
)
"""Outputs that are urine; what irrigates the bladder is taken off."""

DEVICES = {
    "endotracheal tube": "invasive",
    "bipap mask": "non_invasive",
    "cpap mask": "cpap",
    "high flow nasal cannula": "high_flow",
    "tracheostomy tube": "tracheostomy",
    "trach mask": "oxygen",
    "nasal cannula": "oxygen",
    "non-rebreather": "oxygen",
    "face tent": "oxygen",
    "aerosol-cool": "oxygen",
    "venti mask": "oxygen",
    "medium conc mask": "oxygen",
    "ultrasonic neb": "oxygen",
    "vapomist": "oxygen",
    "oxymizer": "oxygen",
    "high flow neb": "oxygen",
    "none": "none",
}
"""Oxygen devices, in lower case without blanks around them: what support each is. A device not
listed says nothing."""

MODES = {
    "(s) cmv": "invasive",
    "apnea ventilation": "invasive",
    "aprv": "invasive",
    "aprv/biphasic+apnpress": "invasive",
    "aprv/biphasic+apnvol": "invasive",
    "apv (cmv)": "invasive",
    "apv (simv)": "invasive",
    "ambient": "invasive",
    "asv": "invasive",
    "cmv": "invasive",
    "cmv/assist": "invasive",
    "cmv/assist/autoflow": "invasive",
    "cmv/autoflow": "invasive",
    "cpap/pps": "invasive",
    "cpap/psv": "invasive",
    "cpap/psv+apn tcpl": "invasive",
    "cpap/psv+apnpres": "invasive",
    "cpap/psv+apnvol": "invasive",
    "mmv": "invasive",
    "mmv/autoflow": "invasive",
    "mmv/psv": "invasive",
    "mmv/psv/autoflow": "invasive",
    "p-cmv": "invasive",
    "p-simv": "invasive",
    "pcv+": "invasive",
    "pcv+/psv": "invasive",
    "pcv+assist": "invasive",
    "pres/ac": "invasive",
    "prvc/ac": "invasive",
    "prvc/simv": "invasive",
    "psv/sbt": "invasive",
    "simv": "invasive",
    "simv/autoflow": "invasive",
    "simv/pres": "invasive",
    "simv/psv": "invasive",
    "simv/psv/autoflow": "invasive",
    "simv/vol": "invasive",
    "spont": "invasive",
    "synchron master": "invasive",
    "synchron slave": "invasive",
    "vol/ac": "invasive",
    "vs": "invasive",
    "duopap": "non_invasive",
    "niv": "non_invasive",
    "niv-st": "non_invasive",
    "cpap": "cpap",
    "standby": "none",
}
"""Ventilator modes, in lower case: what support each is. A mode not listed says nothing."""
