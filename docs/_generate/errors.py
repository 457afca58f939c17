"""docs/reference/errors.md: the error tree, and what each error is for."""

import inspect

from docs._generate import markdown
from immunosep import errors


def page() -> str:
    """The module's own words, then a row for each class."""
    return markdown.page(
        markdown.code(drawn_tree()),
        markdown.table(
            ["error", "what it means"],
            [[f"`{name}`", inspect.getdoc(error) or ""] for name, error in classes().items()],
        ),
    )


def classes() -> dict[str, type[errors.ImmunosepError]]:
    """Every error of the package by name, in the file's order."""
    return {
        name: value
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.ImmunosepError)
    }


def drawn_tree() -> str:
    """The tree as errors.py draws it."""
    lines = (errors.__doc__ or "").splitlines()
    return "\n".join(line[4:] for line in lines if line.startswith("    "))
