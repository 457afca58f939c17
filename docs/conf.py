"""How Sphinx builds the documentation: Markdown by MyST, reference pages drawn from the code."""

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.highlighting import lexer_classes

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

import immunosep  # noqa: E402  (after the path, so that a checkout documents itself)
from docs._generate import write_pages  # noqa: E402

project = "immunosep"
author = "The immunosep contributors"
project_copyright = "the immunosep contributors, Apache-2.0"
version = release = immunosep.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_generate"]
nitpicky = True

html_theme = "furo"
html_title = f"immunosep {version}"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["wide.css"]


def setup(app: Sphinx) -> None:
    """Have the reference pages drawn before Sphinx reads the pages that include them."""
    lexer_classes["csv"] = lexer_classes["none"]  # Pygments knows no CSV
    app.connect("builder-inited", lambda _: write_pages(DOCS / "_build" / "reference"))
