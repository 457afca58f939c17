"""What was published of ImmunoSep's participants, as numbers to draw virtual ones from.

Counts are those of the report (Giamarellos-Bourboulis JAMA 2026;335:775). It names one reason for
not enrolling, an immune state that the trial does not treat; the labels of the others were not
published, so which reason has which count is a choice made here. Of ferritin and HLA-DR the
quantities below give back the published shares of the immune states; their spreads are of other
cohorts, or assumed, as marked.
"""

from collections.abc import Mapping
from types import MappingProxyType

SCREENED = 672
RANDOMISED = 281
WITHDREW = 5  # consent and data
ANALYSED_BY_STATE: Mapping[str, int] = MappingProxyType({"mals": 48, "immunoparalysis": 228})
WOMEN, MEN = 93, 183  # of those analysed
CENTRES_IN_REPORT = 33  # the registry lists more

NOT_TREATED = "immune_state"
DECLINED = "declined"
TOO_LATE = "window"
NOT_ENROLLED: Mapping[str, int] = MappingProxyType(
    {
        NOT_TREATED: 355,
        # 14 + 8 + 5 + 2 + 2 + 2 + 2 + 1; which reason has which count is invented
        DECLINED: 14,
        TOO_LATE: 8,
        "do_not_resuscitate": 5,
        "corticosteroids": 2,
        "stage_iv_malignancy": 2,
        "neutropenia": 2,
        "excluded_infection": 2,
        "anti_cytokine": 1,
    }
)
"""By reason: a criterion of the trial, or `declined`."""

FERRITIN_LOG_MEAN, FERRITIN_LOG_SD = 6.724, 1.2  # median 832 ng/mL; the spread is assumed
HLA_DR_LOG_MEAN, HLA_DR_LOG_SD = 8.636, 0.76  # median 5,633 a monocyte; spread as % of monocytes
CORRELATION = -0.2  # assumed
"""Logs of ferritin and HLA-DR are taken as bivariate normal among those screened; the means are
solved so that 8.2 % have MALS and 39.0 % immunoparalysis."""

SOFA_MEAN, SOFA_SD = 9.4, 3.4  # median 9; 10 or more in 135 of 276
AGE_MEAN, AGE_SD = 70, 13  # mean as published; the spread is assumed
TO_FIRST_DOSE_MEDIAN_H, TO_FIRST_DOSE_SD_H = 42, 13  # medians 36 and 47 h; the spread is assumed
INFECTIONS: Mapping[str, int] = MappingProxyType(
    {  # the report's five rows have no published labels: shares of the trial's infections, invented
        "community_acquired_pneumonia": 102,
        "hospital_acquired_pneumonia": 67,
        "ventilator_associated_pneumonia": 75,
        "primary_bacteraemia": 32,
    }
)
VENTILATED = 245 / 276  # so that a relative consents for most
