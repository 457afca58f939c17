"""The offline verifier: was the list that was committed to the one that was followed?

It needs the sealed code, the site's exported allocations, and either the private key, or the list
and the nonce once they are published, so that anybody can do it without any key. It replays every
allocation and finds all that is wrong, not only the first.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from immunosep.errors import CodeError
from immunosep.randomisation.code import SealedCode, commit, list_bytes
from immunosep.randomisation.exported import Allocation
from immunosep.randomisation.lists import parse_published
from immunosep.randomisation.opening import open_nonce, open_slot
from immunosep.randomisation.sequence import Slot
from immunosep.randomisation.strata import CENTRE, IMMUNE_STATE, name_stratum

Place = tuple[str, int]


class Wrong(StrEnum):
    """What a finding is about."""

    COMMITMENT = "commitment"
    LIST = "list"
    SEAL = "seal"
    NO_SUCH_SLOT = "no_such_slot"
    SKIPPED = "skipped"
    REUSED = "reused"
    PARTICIPANT = "participant"
    ORDER = "order"
    STRATUM = "stratum"
    ARM = "arm"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong, in words that name no arm."""

    wrong: Wrong
    text: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.wrong.value}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """All that was found; `notes` say what was not checked, or needs an explanation and no more."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    slots: int
    allocations: int

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass
class _Opened:
    """What of a list could be opened, and what could not."""

    arms: dict[Place, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def verify_with_key(
    code: SealedCode,
    private_key: X25519PrivateKey,
    *,
    allocations: Sequence[Allocation],
    published: str | None = None,
) -> Verification:
    """Open every slot, compare the list with the commitment, replay the allocations."""
    opened = _open(code, private_key)
    if not opened.findings:
        slots = [
            Slot(stratum=s.stratum, position=s.position, arm=opened.arms[s.stratum, s.position])
            for s in code.slots
        ]
        listed = list_bytes(slots, trial=code.trial, purpose=code.purpose)
        nonce = open_nonce(code, private_key)
        opened.findings += _of_commitment(code, listed, nonce)
    return _verification(code, opened, allocations, published)


def verify_with_list(
    code: SealedCode,
    *,
    listed: bytes,
    nonce: bytes,
    allocations: Sequence[Allocation],
    published: str | None = None,
) -> Verification:
    """The same without a key: `listed` is the published list as `immunosep code open` wrote it."""
    slots = parse_published(listed, name="the list")
    opened = _Opened(arms={(slot.stratum, slot.position): slot.arm for slot in slots})
    opened.findings += _of_commitment(code, listed, nonce)
    if [*opened.arms] != [(slot.stratum, slot.position) for slot in code.slots]:
        text = f"it has {len(slots)} slots, not the {len(code.slots)} of the code in their order"
        opened.findings.append(Finding(wrong=Wrong.LIST, text=text))
    return _verification(code, opened, allocations, published)


def _open(code: SealedCode, private_key: X25519PrivateKey) -> _Opened:
    opened = _Opened()
    for slot in code.slots:
        place = (slot.stratum, slot.position)
        try:
            arm = open_slot(code, private_key, stratum=slot.stratum, position=slot.position)
        except CodeError as error:
            opened.findings.append(Finding(wrong=Wrong.SEAL, text=f"{_said(place)}: {error}"))
        else:
            opened.arms[place] = arm
    return opened


def _of_commitment(code: SealedCode, listed: bytes, nonce: bytes) -> Iterator[Finding]:
    if commit(listed, nonce) != code.commitment:
        yield Finding(
            wrong=Wrong.COMMITMENT,
            text="the list and the nonce are not those committed to: one of them was changed",
        )


def _verification(
    code: SealedCode,
    opened: _Opened,
    allocations: Sequence[Allocation],
    published: str | None,
) -> Verification:
    findings = [
        *_of_published(code, published),
        *opened.findings,
        *_of_places(code, allocations),
        *_of_participants(allocations),
        *_of_strata(code, allocations),
        *_of_arms(opened, allocations),
    ]
    return Verification(
        findings=tuple(findings),
        notes=tuple(_notes(code, allocations, published)),
        slots=len(code.slots),
        allocations=len(allocations),
    )


def _of_published(code: SealedCode, published: str | None) -> Iterator[Finding]:
    if published is not None and published.strip().lower() != code.commitment:
        yield Finding(
            wrong=Wrong.COMMITMENT,
            text="the code's commitment is not the one that was published: it is another code",
        )


def _of_places(code: SealedCode, allocations: Sequence[Allocation]) -> Iterator[Finding]:
    used: dict[str, dict[int, Allocation]] = defaultdict(dict)
    for row in allocations:
        place = (row.stratum, row.position)
        slot = code.slot(*place)
        if slot is None:
            yield _at(row, Wrong.NO_SUCH_SLOT, f"the code has no {_said(place)}")
            continue
        if row.position in used[row.stratum]:
            first = used[row.stratum][row.position].line
            yield _at(row, Wrong.REUSED, f"{_said(place)} was already used on line {first}")
            continue
        if row.sealed and row.sealed != b64encode(slot.sealed).decode("ascii"):
            yield _at(row, Wrong.SEAL, f"{_said(place)} holds another sealed value in the code")
        used[row.stratum][row.position] = row
    for stratum, rows in used.items():
        yield from _of_sequence(stratum, rows)


def _of_sequence(stratum: str, rows: dict[int, Allocation]) -> Iterator[Finding]:
    for position in range(1, max(rows)):
        if position not in rows:
            text = f"{_said((stratum, position))} was passed over: later ones were used"
            yield Finding(wrong=Wrong.SKIPPED, text=text)
    for earlier, later in pairwise(rows[position] for position in sorted(rows)):
        if later.allocated_at.timestamp() < earlier.allocated_at.timestamp():
            yield _at(
                later,
                Wrong.ORDER,
                f"{_said((stratum, later.position))} was used before position {earlier.position}, "
                "or the server's clock was set back",
            )


def _of_participants(allocations: Sequence[Allocation]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for row in allocations:
        if row.participant in first:
            text = f"this participant was already allocated on line {first[row.participant]}"
            yield _at(row, Wrong.PARTICIPANT, text)
        first.setdefault(row.participant, row.line)


def _of_strata(code: SealedCode, allocations: Sequence[Allocation]) -> Iterator[Finding]:
    by = code.specification.stratified_by
    for row in allocations:
        values = {CENTRE: row.centre, IMMUNE_STATE: row.state}
        known = all(values.get(name) for name in by)
        if known and name_stratum(by, values) != row.stratum:
            yield _at(row, Wrong.STRATUM, f"it belongs to another stratum than {row.stratum}")


def _of_arms(opened: _Opened, allocations: Sequence[Allocation]) -> Iterator[Finding]:
    for row in allocations:
        arm = opened.arms.get((row.stratum, row.position))
        if row.arm and arm and row.arm != arm:
            place = _said((row.stratum, row.position))
            yield _at(row, Wrong.ARM, f"the arm recorded is not the one of {place}")


def _notes(
    code: SealedCode, allocations: Sequence[Allocation], published: str | None
) -> Iterator[str]:
    if published is None:
        yield "not compared with a published commitment: give the one that was published"
    others = sum(row.trial_digest != code.trial_digest for row in allocations)
    if others:
        yield (
            f"{others} of {len(allocations)} allocations were made under another version of the "
            "protocol than the code: compare with the amendments"
        )
    by = code.specification.stratified_by
    if CENTRE in by and not all(row.centre for row in allocations):
        yield "strata not compared with centres: the export has no column centre, or not for all"
    if not all(row.sealed for row in allocations):
        yield "sealed values not compared: the export has no column sealed, or not for all"


def _at(row: Allocation, wrong: Wrong, text: str) -> Finding:
    return Finding(wrong=wrong, text=f"line {row.line}: {text}")


def _said(place: Place) -> str:
    stratum, position = place
    return f"position {position} of stratum {stratum}"
