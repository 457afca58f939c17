"""The few shapes of Markdown the generated pages are made of."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, or nothing without rows. A bar or a line break in a cell is kept from ending it."""
    lines = [headings, ["---"] * len(headings), *rows]
    drawn = ["| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines]
    return "\n".join(drawn) if len(drawn) > 2 else ""


def code(text: str, language: str = "text") -> str:
    """A fenced block."""
    return f"```{language}\n{text.strip()}\n```"


def page(*parts: str) -> str:
    """Parts one below the other, the empty ones left out."""
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
