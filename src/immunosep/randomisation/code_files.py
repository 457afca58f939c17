"""The sealed code as a file: JSON that anybody may hold, refused if it is not whole."""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from immunosep.errors import CodeError, SequenceError
from immunosep.randomisation.code import FORMAT, Purpose, SealedCode, SealedSlot
from immunosep.randomisation.sealing import SEALED_BYTES, pem_of, read_public_key
from immunosep.randomisation.sequence import Specification

DIGEST = re.compile(r"[0-9a-f]{64}")


def code_text(code: SealedCode) -> str:
    """The code as the text of its file."""
    return json.dumps(code.as_json(), indent=1) + "\n"


def read_code(path: Path) -> SealedCode:
    """The code of a file; a file that is not one, or not whole, is refused."""
    try:
        return parse_code(path.read_text(encoding="utf-8"), name=path.name)
    except UnicodeDecodeError:
        raise CodeError(f"{path.name} is not a sealed code: it is not UTF-8 text") from None
    except OSError as error:
        raise CodeError(f"cannot read {path}: {error.strerror}") from None


def parse_code(text: str, *, name: str = "the code") -> SealedCode:
    """The code of a file's text; `name` is what a message calls it."""
    code = _built(text, name)
    problems = list(_problems(code))
    if problems:
        raise CodeError(
            f"{name} is not whole: {'; '.join(problems)}. Take the file as `immunosep code "
            "generate` or `immunosep code import` wrote it"
        )
    return code


def _built(text: str, name: str) -> SealedCode:
    try:
        held = json.loads(text)
        if held["format"] != FORMAT:
            raise CodeError(
                f"{name} is a sealed code of format {held['format']!r}, expected {FORMAT}. Open "
                "it with the version of immunosep that made it"
            )
        return SealedCode(
            trial=_text(held["trial"]),
            trial_version=_text(held["trial_version"]),
            trial_digest=_text(held["trial_digest"]),
            purpose=Purpose(held["purpose"]),
            specification=_specification(held["specification"]),
            public_pem=pem_of(read_public_key(_text(held["public_key"]).encode())),
            commitment=_text(held["commitment"]),
            sealed_nonce=_bytes(held["nonce"]),
            slots=tuple(_slot(slot) for slot in held["slots"]),
        )
    except KeyError as error:
        raise CodeError(f"{name} is not a sealed code: it has no {error.args[0]!r}") from None
    except (TypeError, ValueError, AttributeError, SequenceError):
        raise CodeError(
            f"{name} is not a sealed code: expected the JSON that `immunosep code generate` writes"
        ) from None


def _specification(held: Any) -> Specification:
    return Specification(
        ratio={_text(arm): int(share) for arm, share in held["ratio"]},
        block_sizes=tuple(int(size) for size in held["block_sizes"]),
        slots={_text(stratum): int(length) for stratum, length in held["slots"]},
        stratified_by=tuple(_text(name) for name in held["stratified_by"]),
    )


def _slot(held: Any) -> SealedSlot:
    return SealedSlot(
        stratum=_text(held["stratum"]),
        position=int(held["position"]),
        sealed=_bytes(held["sealed"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _bytes(value: Any) -> bytes:
    try:
        return b64decode(_text(value), validate=True)
    except binascii.Error:
        raise ValueError from None


def _problems(code: SealedCode) -> Iterator[str]:
    if not DIGEST.fullmatch(code.commitment):
        yield "its commitment is not 64 hexadecimal digits"
    wanted = [
        (stratum, position)
        for stratum, length in code.specification.slots.items()
        for position in range(1, length + 1)
    ]
    places = [(slot.stratum, slot.position) for slot in code.slots]
    if places != wanted:
        yield (
            f"it has {len(places)} slots, not the {len(wanted)} of its specification, or not in "
            "their order"
        )
    if any(len(each) != SEALED_BYTES for each in (code.sealed_nonce, *_sealed(code))):
        yield f"a sealed value has not {SEALED_BYTES} bytes"
    if len(set(_sealed(code))) < len(code.slots):
        yield "two slots hold the same sealed value"


def _sealed(code: SealedCode) -> list[bytes]:
    return [slot.sealed for slot in code.slots]
