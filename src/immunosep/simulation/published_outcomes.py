"""What was published of ImmunoSep's outcomes, as numbers to draw virtual courses from.

Counts are of those analysed: 131 given immunotherapy, 145 placebo (Giamarellos-Bourboulis JAMA
2026;335:775 and its Supplement 2), unless a line says assumed. A pair is (immunotherapy, placebo).
"""

from collections.abc import Mapping
from types import MappingProxyType

Pair = tuple[float, float]

ANALYSED: Pair = (131, 145)
WITHDREW: Pair = (4 / 135, 1 / 146)  # consent and data, of those randomised
MALS: Pair = (25 / 131, 23 / 145)

DEAD_BY_DAY_9: Pair = (21 / 131, 29 / 145)
DEAD_BY_DAY_28: Pair = (57 / 131, 72 / 145)
DEAD_BY_DAY_90: Pair = (90 / 131, 98 / 145)
CARRIED_ON_DAY_9: Pair = (10 / 131, 13 / 145)  # no score of their own on day 9, and alive
CARRIED_WHO_RESPOND: Pair = (8 / 10, 7 / 13)  # 46 less 38; 26 less 19, without those carried
RESPOND_DAY_9: Mapping[str, Pair] = MappingProxyType(
    {"mals": (12 / 25, 4 / 23), "immunoparalysis": (34 / 106, 22 / 122)}
)
RESPOND_DAY_15: Mapping[str, Pair] = MappingProxyType(
    {"mals": (12 / 25, 5 / 23), "immunoparalysis": (40 / 106, 29 / 122)}
)
STILL_RESPOND = 0.9  # assumed: of those who had by day 9 and live on day 15
DISCHARGED_OF_CARRIED = 0.8  # assumed: the others were in hospital and not assessed
NOT_ASSESSED = 0.01  # assumed: of days in hospital but day 1 and day 9
PART_MISSING = 0.03  # assumed: of days, one component that was normal is not measured again

SAMPLED_AGAIN: Pair = (59 / 131, 66 / 145)  # a second sample by day 28
REVERSED_OF_SAMPLED: Pair = (46 / 59, 32 / 66)

INFECTION_OUTCOMES: Mapping[str, Pair] = MappingProxyType(
    {
        "resolution": (58, 46),
        "intermediate": (11, 9),
        "failure": (32, 44),
        "superinfection": (30, 46),
    }
)
STOPPED_EARLY: Pair = (62 / 131, 72 / 145)
WHY_STOPPED: Mapping[str, Pair] = MappingProxyType(
    {  # 35 + 18 + 8 + 1 and 51 + 19 + 2; which reason has which count is invented
        "death": (35, 51),
        "discharge": (18, 19),
        "adverse event": (8, 2),
        "withdrawal": (1, 0),
    }
)

SERIOUS: Mapping[str, Pair] = MappingProxyType(
    {"mals": (20 / 25, 21 / 23), "immunoparalysis": (96 / 106, 108 / 122)}
)
SERIOUS_EACH = 1069 / 245  # events of each participant who has any
ANY_EVENT: Mapping[str, Pair] = MappingProxyType(
    {"mals": (20 / 25, 20 / 23), "immunoparalysis": (104 / 106, 112 / 122)}
)
OTHERS_EACH = 4.0  # assumed
RELATED: Pair = (8 / 131, 3 / 145)  # a serious event probably or possibly related
UNEXPECTED: Mapping[str, Pair] = MappingProxyType(
    {"mals": (0.0, 0.0), "immunoparalysis": (2 / 106, 3 / 122)}  # SUSARs; columns inferred
)
SEVERE = 116 / 256  # the worst grade of those with any other event

APACHE_MEAN, APACHE_SD = 19.7, 8.4  # 25 or more in 78 of 276; the mean and the spread are assumed
CHARLSON_MEAN = 4.5  # 5 or more in 130 of 276; Poisson is assumed
SEPTIC_SHOCK = 0.66  # assumed
KIDNEY_REPLACEMENT = 47 / 276

TERMS: Mapping[str, tuple[tuple[str, str, float], ...]] = MappingProxyType(
    {  # words of a medical dictionary's kind and their weights, all invented
        "serious": (
            ("Septic shock", "Infections and infestations", 5),
            ("Multiple organ dysfunction syndrome", "General disorders", 4),
            ("Acute kidney injury", "Renal and urinary disorders", 3),
            ("Respiratory failure", "Respiratory disorders", 3),
            ("Thrombocytopenia", "Blood and lymphatic system disorders", 2),
            ("Anaemia", "Blood and lymphatic system disorders", 2),
            ("Haemorrhage", "Vascular disorders", 1),
            ("Atrial fibrillation", "Cardiac disorders", 2),
        ),
        "other": (
            ("Hypokalaemia", "Metabolism and nutrition disorders", 4),
            ("Bradycardia", "Cardiac disorders", 2),
            ("Blood creatinine increased", "Investigations", 2),
            ("Blood fibrinogen decreased", "Investigations", 1),
            ("Gamma-glutamyltransferase increased", "Investigations", 2),
            ("Ileus", "Gastrointestinal disorders", 2),
            ("Pressure ulcer", "Skin disorders", 2),
            ("Fever", "General disorders", 2),
        ),
    }
)
