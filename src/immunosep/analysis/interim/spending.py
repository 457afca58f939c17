"""How much of an error a spending function has spent when a share of the information is there.

Lan & DeMets Biometrika 1983;70:659; Hwang, Shih & DeCani Stat Med 1990;9:1439; Kim & DeMets
Biometrika 1987;74:149. Each gives 0 at the start and the whole error at 1.
"""

from math import e, expm1, log, sqrt

from scipy.special import ndtr, ndtri

from immunosep.protocol.interim import Spending


def spent(spending: Spending, *, error: float, share: float, parameter: float | None) -> float:
    """The error spent when `share` of the information is there; all of it from 1 on."""
    share = min(share, 1.0)
    match spending, parameter:
        case Spending.LAN_DEMETS_OBRIEN_FLEMING, _:
            return float(2 * ndtr(ndtri(error / 2) / sqrt(share)))
        case Spending.LAN_DEMETS_POCOCK, _:
            return error * log(1 + (e - 1) * share)
        case Spending.HWANG_SHIH_DECANI, float() | int():
            return error * (expm1(-parameter * share) / expm1(-parameter) if parameter else share)
        case Spending.KIM_DEMETS, float() | int():
            return error * float(share**parameter)
        case _:
            raise ValueError(f"{spending.value} with parameter {parameter} spends nothing")
