"""Reference pages drawn from the code, so that they cannot forget anything.

A page is a module here with one function, `page() -> str`, that answers Markdown without a title.
docs/reference/NAME.md holds the title and the words around it, and includes the result:

    ```{include} ../_build/reference/NAME.md
    ```
"""

from pathlib import Path

from docs._generate import commands, concepts, errors, roles, settings, trials, variables

PAGES = {
    "commands": commands.page,
    "concepts": concepts.page,
    "errors": errors.page,
    "roles": roles.page,
    "settings": settings.page,
    "trials": trials.page,
    "variables": variables.page,
}


def write_pages(folder: Path) -> None:
    """Write every page into `folder`, touching only those that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
