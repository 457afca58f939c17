"""`immunosep analyse two-by-two`: one table by every method."""

from immunosep.analysis.counts import TwoByTwo
from immunosep.analysis.two_by_two import compare
from immunosep.cli.analyse import AnswerFormat
from immunosep.cli.output import print_json, print_page
from immunosep.cli.pages.two_by_two import two_by_two_page
from immunosep.errors import AnalysisError

NAMES = ("A", "N1", "B", "N2")


def run(
    first: tuple[str, str], second: tuple[str, str], *, format_: AnswerFormat, level: float
) -> None:
    """Compare the arms and print the answer."""
    a, n1, b, n2 = _whole_numbers((*first, *second))
    found = compare(TwoByTwo.of((a, n1), (b, n2)), level=level)
    match format_:
        case AnswerFormat.JSON:
            print_json(found.as_json())
        case AnswerFormat.TEXT:
            print_page(two_by_two_page(found))


def _whole_numbers(texts: tuple[str, ...]) -> list[int]:
    problems = [
        f"{name}: {text!r} came; expected a whole number"
        for name, text in zip(NAMES, texts, strict=True)
        if not _is_whole(text)
    ]
    if problems:
        raise AnalysisError("a two-by-two table", problems)
    return [int(text) for text in texts]


def _is_whole(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit()
