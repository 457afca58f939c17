"""docs/reference/settings.md: every setting of the website, drawn from the list it reads."""

from docs._generate import markdown
from immunosep.web.variables import VARIABLES


def page() -> str:
    """A row for each variable."""
    return (
        markdown.table(
            ["variable", "left out", "what it is for"],
            [
                [
                    f"`IMMUNOSEP_{name}`",
                    f"`{variable.default}`" if variable.default else "",
                    variable.about + (" **Secret.**" if variable.secret else ""),
                ]
                for name, variable in VARIABLES.items()
            ],
        )
        + "\n"
    )
