"""The report as a Word file: the same sections, tables and figures, as pictures.

Each number is a link to the bookmark of its derivation, as in the other formats.
"""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt, RGBColor

from immunosep.report.drawing import printable, raster
from immunosep.report.trial.model import Block, Cell, Document, Picture, Table, Words

PAGE_CM, MARGIN_CM = (21.0, 29.7), 2.0
WIDTH_CM = PAGE_CM[0] - 2 * MARGIN_CM
BLUE, RED, GREY = RGBColor(0x04, 0x5D, 0x8F), RGBColor(0xA3, 0x3C, 0x06), RGBColor(0x56, 0x62, 0x70)


def word_file(document: Document, *, as_of: datetime) -> bytes:
    """The whole report."""
    paper = docx.Document()
    _set_page(paper, document)
    _set_properties(paper, document, as_of)
    paper.add_heading(printable(document.title), level=0)
    for warning in document.warnings:
        run = paper.add_paragraph().add_run(printable(warning))
        run.bold, run.font.color.rgb = True, RED
    _terms(paper, document.facts)
    marks = _bookmarks(document)
    for section in document.sections:
        paper.add_heading(section.title, level=1)
        for block in section.blocks:
            _add(paper, block, marks)
    whole = BytesIO()
    paper.save(whole)
    return whole.getvalue()


def _set_page(paper: Any, document: Document) -> None:
    section = paper.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Cm(side) for side in PAGE_CM)
    section.left_margin = section.right_margin = Cm(MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(9.5)
    normal.paragraph_format.space_after = Pt(4)
    for level in range(1, 4):
        style = paper.styles[f"Heading {level}"]
        style.font.name, style.font.color.rgb = "Arial", BLUE
        style.element.rPr.rFonts.set(qn("w:asciiTheme"), "")
        del style.element.rPr.rFonts.attrib[qn("w:asciiTheme")]
    head = section.header.paragraphs[0]
    run = head.add_run(printable("  ".join(document.warnings)))
    run.bold, run.font.color.rgb, run.font.size = True, RED, Pt(7.5)
    foot = section.footer.paragraphs[0]
    run = foot.add_run(printable(f"{document.title}, page "))
    run.font.size, run.font.color.rgb = Pt(7.5), GREY
    _page_number(foot)


def _page_number(paragraph: Any) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _set_properties(paper: Any, document: Document, as_of: datetime) -> None:
    properties = paper.core_properties
    moment = as_of.replace(tzinfo=None)
    properties.title, properties.author = document.title, "immunosep"
    properties.created = properties.modified = properties.last_printed = moment
    properties.last_modified_by, properties.revision = "immunosep", 1
    properties.comments = ""


def _bookmarks(document: Document) -> Mapping[str, int]:
    """Each derivation's number: Word allows a bookmark 40 letters, digits and underscores."""
    ids = [
        block.id
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Words) and block.id
    ]
    return {id_: at for at, id_ in enumerate(ids, start=1)}


def _mark(paragraph: Any, number: int) -> None:
    """Put a bookmark around what the paragraph holds."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _bookmark(number))
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)


def _bookmark(number: int) -> str:
    return f"from_{number}"


def _add(paper: Any, block: Block, marks: Mapping[str, int]) -> None:
    match block:
        case Table():
            if block.rows:
                _table(paper, block, marks)
        case Picture():
            _picture(paper, block)
        case Words():
            if block.heading:
                heading = paper.add_heading(printable(block.heading), level=2)
                if block.id:
                    _mark(heading, marks[block.id])
            for paragraph in block.paragraphs:
                paper.add_paragraph(printable(paragraph))
            if block.terms:
                _terms(paper, block.terms)


def _picture(paper: Any, block: Picture) -> None:
    told = block.illustration
    paper.add_heading(printable(told.title), level=2)
    shape = paper.add_picture(BytesIO(raster(block.paint)), width=Cm(WIDTH_CM))
    shape._inline.docPr.set("descr", printable(told.alt))
    if told.note:
        _small(paper, told.note)


def _terms(paper: Any, terms: tuple[tuple[str, str], ...]) -> None:
    for term, said in terms:
        paragraph = paper.add_paragraph()
        run = paragraph.add_run(f"{printable(term)}: ")
        run.font.color.rgb = GREY
        paragraph.add_run(printable(said))


def _small(paper: Any, words: str) -> None:
    run = paper.add_paragraph().add_run(printable(words))
    run.font.size, run.font.color.rgb = Pt(8), GREY


def _table(paper: Any, block: Table, marks: Mapping[str, int]) -> None:
    caption = paper.add_paragraph()
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(8)
    caption.add_run(printable(block.caption)).bold = True
    table = paper.add_table(rows=1 + len(block.rows), cols=len(block.head))
    table.style, table.autofit = "Table Grid", False
    widths = _widths(len(block.head))
    grid = table._tbl.tr_lst  # python-docx looks a cell up anew each time: thousands take minutes
    lines = [[Cell(text=head) for head in block.head]]
    lines += [[Cell(text=row.label), *row.cells] for row in block.rows]
    bold = [True, *((not row.cells) or row.strong for row in block.rows)]
    indent = [False, *(row.indent for row in block.rows)]
    for row, line, heavy, inside in zip(grid, lines, bold, indent, strict=True):
        for at, cell in enumerate(row.tc_lst):
            told = line[at] if at < len(line) else Cell(text="")
            cell.width = widths[at]
            run = _fill(cell.p_lst[0], told.text, bold=heavy, indent=inside and at == 0)
            if told.derivation in marks:
                _link(run, marks[told.derivation])
    _repeat_head(grid[0])
    if block.note:
        _small(paper, block.note)


def _fill(paragraph: Any, words: str, *, bold: bool, indent: bool) -> Any:
    run = paragraph.add_r()
    run.text = printable(f"   {words}" if indent else words)
    properties = run.get_or_add_rPr()
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), "15")  # in half points
    if bold:
        properties.append(OxmlElement("w:b"))
    properties.append(size)
    return run


def _link(run: Any, number: int) -> None:
    """Have a run lead to a bookmark of this file."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), _bookmark(number))
    link.set(qn("w:history"), "1")
    run.addprevious(link)
    link.append(run)


def _widths(columns: int) -> list[int]:
    first = 0.4 if columns <= 3 else 0.28 if columns <= 5 else 0.26
    rest = (1 - first) / max(columns - 1, 1)
    return [int(Cm(WIDTH_CM * share)) for share in (first, *[rest] * (columns - 1))]


def _repeat_head(row: Any) -> None:
    """Have the head come again on each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)
