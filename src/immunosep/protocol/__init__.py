"""The nouns a trial is written in."""

from immunosep.protocol.allocation import AllocationPlan
from immunosep.protocol.analysis_plan import AnalysisPlan, ImputationPlan, Subgroup
from immunosep.protocol.casebook import (
    CaseForm,
    EditCheck,
    Severity,
    Verification,
    VisitBlock,
)
from immunosep.protocol.centres import Centre, Precision
from immunosep.protocol.consent import ConsentBy, ConsentPlan, WithdrawalKind
from immunosep.protocol.criteria import Criterion, ImmuneState
from immunosep.protocol.endpoints import Endpoint, Estimand, IntercurrentEvent, Rank, Strategy
from immunosep.protocol.forms import FilledBy, Form
from immunosep.protocol.interim import Futility, Looks, Spending
from immunosep.protocol.provenance import Amendment, Choice, Reference
from immunosep.protocol.sample_size import SampleSize
from immunosep.protocol.schedule import Visit
from immunosep.protocol.supply import SupplyModel, SupplyPlan
from immunosep.protocol.tolerance import Measure, ToleranceLimit
from immunosep.protocol.treatment import Arm, Component, Intervention, Regimen, Route
from immunosep.protocol.trial import Trial

__all__ = [
    "AllocationPlan",
    "Amendment",
    "AnalysisPlan",
    "Arm",
    "CaseForm",
    "Centre",
    "Choice",
    "Component",
    "ConsentBy",
    "ConsentPlan",
    "Criterion",
    "EditCheck",
    "Endpoint",
    "Estimand",
    "FilledBy",
    "Form",
    "Futility",
    "ImmuneState",
    "ImputationPlan",
    "IntercurrentEvent",
    "Intervention",
    "Looks",
    "Measure",
    "Precision",
    "Rank",
    "Reference",
    "Regimen",
    "Route",
    "SampleSize",
    "Severity",
    "Spending",
    "Strategy",
    "Subgroup",
    "SupplyModel",
    "SupplyPlan",
    "ToleranceLimit",
    "Trial",
    "Verification",
    "Visit",
    "VisitBlock",
    "WithdrawalKind",
]
