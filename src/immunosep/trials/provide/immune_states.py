"""The two immune states PROVIDE treated, in order of precedence, on one sample each."""

from immunosep.concepts.snapshot import snapshot
from immunosep.protocol.criteria import ImmuneState
from immunosep.trials.provide.references import FERRITIN, REPORT

FERRITIN_NG_ML = 4420  # Kyriazopoulou BMC Med 2017;15:172
HLA_DR_PER_MONOCYTE = 5000  # Leventogiannis Cell Rep Med 2022;3:100817

MALS = ImmuneState(
    "mals",
    "Macrophage activation-like syndrome",
    snapshot.ferritin_ng_ml > FERRITIN_NG_ML,
    limit=f"ferritin above {FERRITIN_NG_ML:,} ng/mL",
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
    note="The registry has a share of monocytes instead: choice `hla_dr_measure`.",
)

IMMUNE_STATES = (MALS, IMMUNOPARALYSIS)
