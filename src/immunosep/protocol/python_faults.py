"""A Python error of a trial file, in words for someone who writes no other Python."""

import inspect
import re
from difflib import get_close_matches

BRACKETS = "Put each comparison in brackets of its own: (a >= 1) & (b < 2)"
NO_TRUTH = "truth value of an Ibis expression"
OPERANDS = re.compile(r"unsupported operand type\(s\) for ([&|]):|bad operand type for unary (~):")
COMPARED_LOGIC = re.compile(r"\b(?:And|Or|Not)\(.*are not comparable")
UNEXPECTED = re.compile(r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'")
LACKING = re.compile(r"^(\w+)\.__init__\(\) missing \d+ required .*?arguments?: (.+)$")
UNNAMED = re.compile(r"^(\w+)\.__init__\(\) takes \d+ positional arguments? but")


def explain(error: BaseException) -> str:
    """What went wrong and what to write instead; Python's own words where we know no better."""
    said = str(error)
    if NO_TRUTH in said:
        return (
            "a rule is joined by `and`, `or`, `not`, `in`, or is compared twice (1 <= a < 2). "
            f"Write & for and, | for or, ~ for not, column.isin([...]) for in. {BRACKETS}"
        )
    if operator := OPERANDS.search(said):
        sign = operator[1] or operator[2]
        return f"`{sign}` stands beside something that is not true or false. {BRACKETS}"
    if COMPARED_LOGIC.search(said):
        return f"a column is compared with a rule. {BRACKETS}"
    return (isinstance(error, TypeError) and _argument(said)) or f"{type(error).__name__}: {said}"


def _argument(said: str) -> str:
    if found := UNEXPECTED.search(said):
        return _unexpected(found[1], found[2])
    if found := LACKING.match(said):
        return f"{found[1]} lacks {found[2].replace(chr(39), '`')}. Write each, with its value"
    if found := UNNAMED.match(said):
        fields = ", ".join(_fields(found[1]))
        return f"{found[1]} takes only values with a name, such as name=value. Its names: {fields}"
    return ""


def _unexpected(noun: str, came: str) -> str:
    fields = _fields(noun)
    near = get_close_matches(came, fields, n=1)
    expected = f"The nearest is `{near[0]}`" if near else f"Expected {', '.join(fields)}"
    return f"{noun} has no `{came}`. {expected if fields else 'Look at its definition'}"


def _fields(noun: str) -> list[str]:
    """The names a noun of the protocol takes; none for what the file itself defines."""
    from immunosep import protocol  # the package is whole only once it is imported

    found = getattr(protocol, noun, None)
    return list(inspect.signature(found).parameters) if isinstance(found, type) else []
