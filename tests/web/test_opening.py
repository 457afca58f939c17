"""Opening what is sealed: with the key alone, one place at a time, and only by one module."""

import ast
from pathlib import Path
from typing import Any

import pytest

import immunosep.web
from immunosep.errors import CodeError, RefusedError
from immunosep.randomisation.code import make_keys
from immunosep.randomisation.opening import open_code, read_private_key
from immunosep.web.code.models import Slot
from immunosep.web.supply.contents import (
    about_kit,
    about_movement,
    about_preparation,
    seal_content,
)
from immunosep.web.unblinding.opening import arm_of, open_contents, regimen_of
from tests.web.people import Cast, keys, sealed_code
from tests.web.supplied import randomised

WEB = Path(immunosep.web.__file__).parent


@pytest.mark.usefixtures("keyed")
def test_every_place_opens_to_what_the_list_holds(cast: Cast) -> None:
    opened = open_code(sealed_code(), read_private_key(keys().private_pem)).slots
    held = {(each.stratum, each.position): each.arm for each in opened}
    slots = Slot.objects.filter(stratum__key="01_jena").select_related("stratum")
    assert all(arm_of(slot) == held["01_jena", slot.position] for slot in slots)
    assert {arm_of(slot) for slot in slots} == {"precision", "placebo"}


@pytest.mark.usefixtures("keyed")
def test_a_regimen_is_that_of_the_state_and_the_arm(cast: Cast) -> None:
    allocation = randomised(cast)
    regimen = regimen_of(allocation)
    assert (regimen.state, regimen.arm) == ("immunoparalysis", arm_of(allocation.slot))


@pytest.mark.usefixtures("keyed")
def test_a_slot_moved_to_another_place_does_not_open(cast: Cast) -> None:
    slots = Slot.objects.filter(stratum__key="01_jena").select_related("stratum")
    one, two = slots[0], slots[1]
    one.position = two.position
    with pytest.raises(CodeError, match="does not open"):
        arm_of(one)


@pytest.mark.usefixtures("keyed")
def test_a_content_moved_to_another_number_does_not_open(cast: Cast) -> None:
    sealed = seal_content({"product": "saline"}, about=about_kit("A"))
    assert open_contents(sealed, about=about_kit("A"))["product"] == "saline"
    with pytest.raises(CodeError):
        open_contents(sealed, about=about_preparation("A"))


def test_what_a_seal_is_bound_to_tells_kind_and_number() -> None:
    """Were it one for two containers, the content of the one would open in the other's row."""
    bound = (about_kit("A"), about_preparation("A"), about_movement("A"), about_movement("B"))
    assert bound == (b"kit A", b"preparation A", b"movement A", b"movement B")


def test_the_key_of_another_code_opens_nothing(cast: Cast, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "other.pem"
    file.write_bytes(make_keys().private_pem)
    settings.CODE_KEY_FILE = str(file)
    with pytest.raises(CodeError, match="not the code's"):
        arm_of(Slot.objects.select_related("stratum")[0])


def test_a_key_under_a_passphrase(cast: Cast, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "code.private.pem"
    file.write_bytes(make_keys(b"correct horse").private_pem)
    settings.CODE_KEY_FILE, settings.CODE_KEY_PASSPHRASE = str(file), "wrong horse"
    with pytest.raises(CodeError, match="passphrase is wrong"):
        arm_of(Slot.objects.select_related("stratum")[0])
    settings.CODE_KEY_PASSPHRASE = "correct horse"
    with pytest.raises(CodeError, match="not the code's"):
        arm_of(Slot.objects.select_related("stratum")[0])


def test_one_module_of_the_website_imports_opening() -> None:
    importing = {
        path.relative_to(WEB).as_posix()
        for path in WEB.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "immunosep.randomisation.opening"
    }
    assert importing == {"unblinding/opening.py"}


def test_nothing_is_sealed_before_there_is_a_code(db: None) -> None:
    with pytest.raises(RefusedError, match="no code yet"):
        seal_content({}, about=b"")
