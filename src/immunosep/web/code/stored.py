"""The sealed code as it is in the database, put together again: what was loaded, if untouched."""

import json
from base64 import b64encode

from immunosep.randomisation.code import SealedCode
from immunosep.randomisation.code_files import parse_code
from immunosep.web.code.models import Code, Slot


def stored_code(code: Code) -> SealedCode:
    """The whole code; CodeError if its rows are no longer one."""
    slots = Slot.objects.filter(stratum__code=code).select_related("stratum").order_by("pk")
    return parse_code(json.dumps({**code.document, "slots": [_slot(slot) for slot in slots]}))


def _slot(slot: Slot) -> dict[str, str | int]:
    return {
        "stratum": slot.stratum.key,
        "position": slot.position,
        "sealed": b64encode(bytes(slot.sealed)).decode("ascii"),
    }
