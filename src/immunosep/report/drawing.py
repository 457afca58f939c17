"""How every figure is drawn: one palette, one type, as SVG that becomes part of the page.

A figure is painted twice, for a wide page and for a telephone; the style sheet shows one of them.
Its colours are the page's own variables, so that it follows the page into the dark and onto paper.
"""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDE, NARROW = 1000, 350
"""Widths in pixels: what a figure's layout is made for. It scales to the page."""

INK, MUTED, LINE, PAPER, WASH = "#1b2631", "#566270", "#c6ced7", "#fefefe", "#eef2f5"
FOR, AGAINST, OPEN, BAR = "#045d8f", "#a33c06", "#646d78", "#5b8db1"
TINTS = ("#fbe9cd", "#e6e1f4", "#d9eee4", "#f6dfe6")
COLOUR_VARIABLES = {
    INK: "--ink", MUTED: "--muted", LINE: "--line", PAPER: "--paper", WASH: "--wash",
    FOR: "--for", AGAINST: "--against", OPEN: "--open", BAR: "--bar",
    **{tint: f"--tint-{at}" for at, tint in enumerate(TINTS, start=1)},
}  # fmt: skip
"""Blue, vermilion and grey stay apart for every kind of colour vision (Okabe and Ito, 2008)."""

TOGETHER = "\N{NO-BREAK SPACE}"  # Python calls it unprintable; it keeps a number and its unit whole
POINTS = ("#eef3f7", "#cddfeb", "#9cc3de", "#5f9dc8", "#16598c")
"""Fills for 0 to 4 points of a SOFA component; the same on any background."""
ON_POINTS = ("#12202c", "#12202c", "#12202c", "#0b141b", "#fdfdfd")

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "immunosep",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 12,
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.8,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
}


@dataclass(frozen=True, kw_only=True)
class Illustration:
    """A figure as the page shows it: `alt` says in words what it shows, `note` how to read it."""

    title: str
    alt: str
    note: str = ""
    wide: str
    narrow: str


def illustrate(
    title: str, *, alt: str, paint: Callable[[int], Figure], note: str = ""
) -> Illustration:
    """Paint for both widths; `paint` is given the width in pixels."""
    key = sha256(f"{title}{alt}".encode()).hexdigest()[:6]
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # The page's fonts draw the text; the font it is measured with may lack a script.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        wide, narrow = (_svg(paint(width), f"f{key}{width}") for width in (WIDE, NARROW))
    return Illustration(title=title, alt=alt, note=note, wide=wide, narrow=narrow)


def raster(paint: Callable[[int], Figure], *, width: int = WIDE, scale: int = 2) -> bytes:
    """The same figure as PNG, for formats that show no SVG; the same figure, the same bytes."""
    page = BytesIO()
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = paint(width)
        figure.savefig(
            page, format="png", dpi=72 * scale, facecolor=PAPER, metadata={"Software": None}
        )
    return page.getvalue()


def canvas(width: int, height: float) -> Figure:
    """An empty figure whose units are the page's pixels."""
    return Figure(figsize=(width / 72, height / 72), dpi=72)


def panel(figure: Figure, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes with margins in pixels."""
    wide, high = figure.get_size_inches() * 72
    box = (left / wide, bottom / high, (wide - left - right) / wide, (high - top - bottom) / high)
    return figure.add_axes(box)


def bare(axes: Axes) -> None:
    """No frame and no ticks: the labels stand by the marks."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def printable(text: str, *, longest: int | None = None) -> str:
    """Text safe to draw and show: control and direction marks replaced, cut where too long."""
    clean = "".join(
        c if c.isprintable() or c == TOGETHER else "\N{REPLACEMENT CHARACTER}" for c in text
    )
    return clean if longest is None or len(clean) <= longest else clean[: longest - 1] + "…"


def _svg(figure: Figure, prefix: str) -> str:
    page = StringIO()
    figure.savefig(page, format="svg", metadata={"Date": None, "Creator": None})
    root = ElementTree.fromstring(page.getvalue())
    _strip(root)
    referred = set(_REFERENCES.findall(ElementTree.tostring(root, encoding="unicode")))
    for element in root.iter():
        element.attrib = _attributes(element, prefix, referred)
    root.attrib = {"viewBox": root.attrib["viewBox"], "aria-hidden": "true", "focusable": "false"}
    for element in root.iter():
        if element.tag != "text":
            element.text = None
        element.tail = None
    return ElementTree.tostring(root, encoding="unicode")


def _strip(element: ElementTree.Element) -> None:
    element.tag = element.tag.rpartition("}")[2]
    for child in list(element):
        _strip(child)
        if child.tag in ("metadata", "style"):
            element.remove(child)


def _attributes(element: ElementTree.Element, prefix: str, referred: set[str]) -> dict[str, str]:
    attributes = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    if attributes.get("id") not in referred:
        attributes.pop("id", None)
    for name, value in attributes.items():
        attributes[name] = value.replace("url(#", f"url(#{prefix}")
    if "id" in attributes:
        attributes["id"] = prefix + attributes["id"]
    if attributes.get("href", "").startswith("#"):
        attributes["href"] = f"#{prefix}{attributes['href'][1:]}"
    for name in ("style", "fill", "stroke"):
        if name in attributes:
            attributes[name] = _FAMILY.sub(r"\1 var(--sans)", _coloured(attributes[name]))
    return attributes


def _coloured(style: str) -> str:
    for colour, variable in COLOUR_VARIABLES.items():
        style = style.replace(colour, f"var({variable})")
    return style


_REFERENCES = re.compile(r"(?:url\(|href=\")#([^)\"]+)")
_FAMILY = re.compile(r"(font: [^;]*?[\d.]+px) [^;]*")
