"""The two immune states ImmunoSep treats, in order of precedence.

Hyper-inflammation is the more dangerous, so a patient with signs of both has MALS. The registry
prints ferritin above the limit for immunoparalysis as well; that is a misprint (see the choice
`immunoparalysis_ferritin`), and would leave no patient for interferon gamma.
"""

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol.criteria import ImmuneState
from immunosep.trials.immunosep.references import FERRITIN, REPORT

FERRITIN_NG_ML = 4420  # Kyriazopoulou BMC Med 2017;15:172
HLA_DR_PER_MONOCYTE = 5000  # Giamarellos-Bourboulis JAMA 2026;335:775

MALS = ImmuneState(
    "mals",
    "Macrophage activation-like syndrome (fulminant hyper-inflammation)",
    snapshot.ferritin_ng_ml > FERRITIN_NG_ML,
    limit=f"ferritin above {FERRITIN_NG_ML:,} ng/mL, whatever HLA-DR is",
    source=f"{FERRITIN.short}; {REPORT.short}",
)
IMMUNOPARALYSIS = ImmuneState(
    "immunoparalysis",
    "Sepsis-induced immunoparalysis",
    (snapshot.ferritin_ng_ml <= FERRITIN_NG_ML)
    & (snapshot.hla_dr_per_monocyte < HLA_DR_PER_MONOCYTE),
    limit=f"ferritin {FERRITIN_NG_ML:,} ng/mL or less and HLA-DR below {HLA_DR_PER_MONOCYTE:,} "
    "molecules per monocyte",
    source=REPORT.short,
    note="The registry's 'ferritin above' for this state is a misprint.",
)

IMMUNE_STATES = (MALS, IMMUNOPARALYSIS)
