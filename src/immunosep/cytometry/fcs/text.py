"""TEXT: keywords and their values, parted by the segment's first character.

A delimiter within a value is written twice. Nothing is searched with a pattern: a delimiter may be
any character, also one that a regular expression reads as an instruction.

Three faults of known writers are read, with a warning: a missing last delimiter (Cytek Aurora,
Northern Lights), one too many (BD Accuri C6), and a value of no length (BD CellQuest), which reads
like an escaped delimiter but stands within a name, where no name has one.
"""

from collections.abc import Iterator, Mapping
from string import ascii_lowercase, ascii_uppercase

from immunosep.cytometry.fcs import limits
from immunosep.cytometry.fcs.notes import Notes

Pairs = list[tuple[str, bytes]]
UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)  # as FCS has it: of A to Z only
PADDING = b" \x00\r\n"
EMPTY_VALUE = "TEXT holds keywords without a value; they are read as empty"
NO_LAST = "TEXT lacks its last delimiter"
STRAY = "TEXT ends in a delimiter too many"


class Keywords(Mapping[str, str]):
    """Keywords in upper case and their values: UTF-8, and Latin-1 where a value is not.

    Values are kept as bytes until asked for, so that they take no more room than in the file. What
    stands for them in a message or a log is their count, because among them are people's names.
    """

    def __init__(self, values: Mapping[str, bytes]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return decoded(self._values[name.translate(UPPER)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<{len(self)} keywords>"


def decoded(value: bytes) -> str:
    """Text of FCS 3.1 is UTF-8; older writers used their own alphabet."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def parse_text(text: bytes, notes: Notes) -> Pairs:
    """Each keyword with its value, in the file's order; no keyword when there is a problem."""
    delimiter = text[:1]
    if fault := _fault(text, delimiter):
        notes.refuse(fault)
        return []
    mark = next((bytes([n]) for n in range(256) if bytes([n]) not in text), None)
    if mark is None:
        notes.refuse("TEXT holds every byte there is: it is not text, the file is damaged")
        return []
    text = text.rstrip(PADDING.replace(delimiter, b"")).replace(2 * delimiter, mark)
    tokens = text.split(delimiter)[1:]
    del text  # the tokens hold it once more
    if _end(tokens, mark, notes):
        return _pairs(tokens, mark, delimiter, notes)
    notes.refuse("TEXT ends between a keyword and its value: it is cut short or damaged")
    return []


def _fault(text: bytes, delimiter: bytes) -> str:
    """What shows at once that this is no TEXT. A letter, digit or `$` begins a keyword instead."""
    if delimiter.isalnum() or not b"\x00" < delimiter < b"\x7f" or delimiter == b"$":
        return "TEXT does not begin with a delimiter; export the file again"
    if text[1:2] == delimiter:
        return "TEXT begins with two delimiters; export the file again"
    if text.count(delimiter) > 4 * limits.KEYWORDS:
        return f"TEXT holds more than {limits.KEYWORDS:,} keywords"
    return ""


def _end(tokens: list[bytes], mark: bytes, notes: Notes) -> bool:
    """Take what the last delimiters mean off the tokens; the answer is whether they pair up."""
    last = tokens.pop()
    if last.endswith(mark):
        tokens.append(last.removesuffix(mark))
        if len(tokens) % 2:
            tokens.append(b"")
            notes.warn(EMPTY_VALUE)
        else:
            notes.warn(STRAY)
    elif last:
        tokens.append(last)
        notes.warn(NO_LAST)
    return len(tokens) % 2 == 0


def _pairs(tokens: list[bytes], mark: bytes, delimiter: bytes, notes: Notes) -> Pairs:
    pairs: Pairs = []
    tokens.reverse()
    while tokens:  # taking one by one gives back what a token took
        *without, name = tokens.pop().split(mark)
        value = tokens.pop()
        if without:
            notes.warn(EMPTY_VALUE)
        pairs += [(_upper(empty), b"") for empty in without]
        pairs.append((_upper(name), value.replace(mark, delimiter)))
    return pairs


def _upper(name: bytes) -> str:
    return decoded(name.strip()[: limits.NAME_BYTES]).translate(UPPER)
