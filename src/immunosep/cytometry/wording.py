"""A measurement in a technician's words."""

from immunosep.cytometry.hla_dr import Beyond, Measurement
from immunosep.cytometry.quality import Check, Verdict

VERDICTS = {
    Verdict.REPORT: "Report the number",
    Verdict.FLAG: "Report the number with its flags",
    Verdict.REFUSE: "Give no number",
}


def say_count(value: float, limit: float) -> str:
    """A count of molecules in whole numbers, with more digits where those would cross the limit."""
    for digits in (0, 1, 2, 4):
        shown = round(value, digits)
        if (shown < limit) is (value < limit):
            return f"{shown:,.{digits}f}"
    return f"{value:,}"


def describe_number(found: Measurement) -> str:
    """The number alone: '3,152', 'below 638', or 'no number'."""
    if found.result is None:
        return "no number"
    said = say_count(found.result.value, found.limit)
    return said if found.result.beyond is None else f"{found.result.beyond.value} {said}"


def describe_interval(found: Measurement) -> str:
    """The 95 % interval, where there is one."""
    if found.result is None or found.result.interval_95 is None:
        return ""
    low, high = found.result.interval_95
    return f"{say_count(low, found.limit)} to {say_count(high, found.limit)}"


def describe_probability(probability: float) -> str:
    """A probability in whole percent, never as certain."""
    percent = round(100 * probability)
    return "less than 1 %" if percent < 1 else "more than 99 %" if percent > 99 else f"{percent} %"


def describe_verdict(found: Measurement) -> str:
    """What the number says, in sentences."""
    if found.result is None:
        return "This pair of tubes gives no number. " + " ".join(found.reasons)
    limit = f"{found.limit:,g}"
    match found.result.beyond:
        case Beyond.BELOW:
            return f"HLA-DR is below the dimmest bead, and so not measured; the limit is {limit}."
        case Beyond.ABOVE:
            return f"HLA-DR is above the brightest bead, and so not measured; the limit is {limit}."
        case None:
            pass
    side = "below" if found.result.value < found.limit else "not below"
    said = f"HLA-DR is {describe_number(found)} molecules per monocyte: {side} {limit}."
    if found.result.grey:
        said += " The interval holds the limit: the number decides, and the test is to be repeated."
    return said


def say_found(check: Check) -> str:
    """What a check found, as a person writes it; a share without its sign."""
    match check.value:
        case None:
            return "unknown"
        case str():
            return check.value
        case int():
            return f"{check.value:,}"
        case _ if check.share:
            return f"{100 * abs(check.value):.2f} %"
        case _ if check.value >= 100:
            return f"{check.value:,.0f}"
        case _ if check.value >= 2:
            return f"{check.value:.1f}"
    return f"{check.value:.5f}"
