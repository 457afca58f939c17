"""`immunosep code`: from the keys to the verifier, as a user types it."""

import errno
import hashlib
import os
import stat
from base64 import b64encode
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner, Result

from immunosep.cli.app import app
from immunosep.randomisation.code_files import read_code
from immunosep.trials import TRIALS

ARMS = [arm.id for arm in TRIALS["immunosep"].arms]
CODE = ["--public-key", "keys/code.public.pem"]
KEY = ["--key", "keys/code.private.pem"]
GENERATE = ["generate", *CODE, "--slots-per-stratum", "8", "--stratum", "01_jena"]
MADE = """centre,stratum,position,participant,state,allocated_at,trial_digest
01_jena,01_jena,1,P-1,mals,2026-03-01T12:00Z,d1
01_jena,01_jena,{second},P-2,mals,2026-03-02T12:00Z,d1
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys, a code of one stratum, and an export of two allocations."""
    folder = tmp_path_factory.mktemp("code")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run("keys", "--out", "keys", "--no-passphrase")
        run(*GENERATE, "--out", "code.json")
        run("open", "code.json", *KEY, "--out", "list.csv")
        Path("made.csv").write_text(MADE.format(second=2))
        Path("skipped.csv").write_text(MADE.format(second=3))
    return folder


@pytest.fixture
def desk(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder, to stand in; what a test writes it takes away again."""
    monkeypatch.chdir(made)
    return made


def run(*arguments: object, given: str | None = None, exit_code: int = 0) -> Result:
    answer = CliRunner().invoke(app, ["code", *map(str, arguments)], input=given)
    assert answer.exit_code == exit_code, answer.output
    return answer


def said(answer: Result) -> str:
    """What was printed, in one line: a terminal may break a message anywhere."""
    return " ".join(answer.output.replace("│", " ").split())


def arms_of(list_: Path) -> list[str]:
    return [row.rsplit(",", 1)[1] for row in list_.read_text().splitlines()[1:]]


def test_secret_files_are_their_owners_alone(desk):
    secret = ["keys/code.private.pem", "list.csv", "list.nonce"]
    assert {stat.S_IMODE((desk / name).stat().st_mode) for name in secret} == {0o600}


def test_the_list_and_its_nonce_are_what_was_committed_to(desk):
    content = (desk / "list.csv").read_bytes() + (desk / "list.nonce").read_bytes()
    assert (
        f"commitment: {hashlib.sha256(content).hexdigest()}"
        in run("commitment", "code.json").output
    )


def test_nothing_but_opening_prints_an_arm(desk, tmp_path):
    printed = [
        run("keys", "--out", tmp_path / "k", "--no-passphrase"),
        run(*GENERATE, "--out", tmp_path / "c.json"),
        run("import", "list.csv", *CODE, "--stratum", "01_jena", "--out", tmp_path / "i.json"),
        run("commitment", "code.json"),
        run("open", "code.json", *KEY, "--out", tmp_path / "l.csv"),
        run("verify", "code.json", *KEY, "--allocations", "skipped.csv", exit_code=1),
    ]
    shown = " ".join(answer.output for answer in printed)
    assert not [arm for arm in ARMS if arm in shown]


def test_a_seed_file_gives_the_same_list_again(desk, tmp_path):
    seed = tmp_path / "seed"
    seed.write_bytes(bytes(32))
    lists = []
    for name in ("one", "two"):
        run(*GENERATE, "--seed-file", seed, "--out", tmp_path / f"{name}.json")
        run("open", tmp_path / f"{name}.json", *KEY, "--out", tmp_path / f"{name}.csv")
        lists.append((tmp_path / f"{name}.csv").read_bytes())
    assert lists[0] == lists[1]


def test_lists_are_not_the_same_without_a_seed_file(desk, tmp_path):
    generate = ["generate", *CODE, "--slots-per-stratum", "40", "--stratum", "01_jena"]
    run(*generate, "--out", tmp_path / "c.json")
    run(*generate, "--out", tmp_path / "d.json")
    for name in ("c", "d"):
        run("open", tmp_path / f"{name}.json", *KEY, "--out", tmp_path / f"{name}.csv")
    assert arms_of(tmp_path / "c.csv") != arms_of(tmp_path / "d.csv")


def test_a_list_has_every_centre_by_default(desk, tmp_path):
    run("generate", *CODE, "--slots-per-stratum", "1", "--out", tmp_path / "c.json")
    strata = read_code(tmp_path / "c.json").specification.strata
    assert strata == tuple(centre.id for centre in TRIALS["immunosep"].centres)


def test_a_short_seed_is_refused(desk, tmp_path):
    seed = tmp_path / "seed"
    seed.write_bytes(b"short")
    answer = run(*GENERATE, "--seed-file", seed, "--out", tmp_path / "c.json", exit_code=2)
    assert "expected 16 or more" in said(answer)
    assert not (tmp_path / "c.json").exists()


def test_an_imported_list_opens_as_it_was(desk, tmp_path):
    code, back = tmp_path / "code.json", tmp_path / "back.csv"
    run("import", "list.csv", *CODE, "--stratum", "01_jena", "--out", code)
    run("open", code, *KEY, "--out", back)
    assert back.read_bytes() == (desk / "list.csv").read_bytes()


def test_a_test_list_is_refused_for_live_and_a_live_for_test(desk, tmp_path):
    run(*GENERATE, "--purpose", "test", "--out", tmp_path / "t.json")
    run("open", tmp_path / "t.json", *KEY, "--out", tmp_path / "t.csv")
    imported = ["import", tmp_path / "t.csv", *CODE, "--stratum", "01_jena"]
    answer = run(*imported, "--out", tmp_path / "x.json", exit_code=2)
    assert "not marked live" in answer.output
    run(*imported, "--purpose", "test", "--out", tmp_path / "y.json")


@pytest.mark.parametrize(
    "arguments",
    [
        ["keys", "--out", "keys", "--no-passphrase"],
        [*GENERATE, "--out", "code.json"],
        ["import", "list.csv", *CODE, "--out", "code.json"],
        ["open", "code.json", *KEY, "--out", "list.csv"],
        ["envelopes", "code.json", *KEY, "--stratum", "01_jena", "--out", "list.csv"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_nothing_sealed_or_secret_is_replaced(desk, arguments):
    before = {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()}
    assert "already there" in said(run(*arguments, exit_code=2))
    assert {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()} == before


def test_a_passphrase_is_asked_for_twice_and_then_needed(desk, tmp_path):
    phrase = "correct horse battery"
    run("keys", "--out", tmp_path / "k", given=f"{phrase}\n{phrase}\n")
    code, private = tmp_path / "c.json", tmp_path / "k" / "code.private.pem"
    public = ["--public-key", tmp_path / "k" / "code.public.pem"]
    run("generate", *public, "--slots-per-stratum", "1", "--out", code)
    opening = ["open", code, "--key", private, "--out"]
    run(*opening, tmp_path / "a.csv", given=f"{phrase}\n")
    wrong = run(*opening, tmp_path / "b.csv", given="another phrase\n", exit_code=2)
    assert "the passphrase is wrong" in said(wrong)


def test_a_passphrase_may_come_from_a_file(desk, tmp_path):
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse battery\n")
    from_file = ["--passphrase-file", phrase]
    run("keys", "--out", tmp_path / "k", *from_file)
    public = ["--public-key", tmp_path / "k" / "code.public.pem"]
    run("generate", *public, "--slots-per-stratum", "1", "--out", tmp_path / "c.json")
    key = ["--key", tmp_path / "k" / "code.private.pem"]
    run("open", tmp_path / "c.json", *key, "--out", tmp_path / "a.csv", *from_file)


@pytest.mark.parametrize(
    ("content", "problem"),
    [("short\n", "12 characters or more"), ("\n", "its first line is empty")],
)
def test_a_poor_passphrase_is_refused(desk, tmp_path, content, problem):
    phrase = tmp_path / "phrase"
    phrase.write_text(content)
    answer = run("keys", "--out", tmp_path / "k", "--passphrase-file", phrase, exit_code=2)
    assert problem in said(answer)
    assert not (tmp_path / "k").exists()


def test_a_passphrase_and_none_exclude_each_other(desk, tmp_path):
    both = ["--no-passphrase", "--passphrase-file", "made.csv"]
    assert "exclude each other" in said(run("keys", "--out", tmp_path, *both, exit_code=2))


def test_a_slot_is_revealed_alone(desk):
    arms = arms_of(desk / "list.csv")
    labels = {arm.id: arm.label for arm in TRIALS["immunosep"].arms}
    where = ["--stratum", "01_jena", "--position", "3", "--state", "immunoparalysis"]
    shown = run("reveal", "code.json", *KEY, *where).output.splitlines()
    assert shown[0] == f"stratum 01_jena, position 3: {labels[arms[2]]}"
    assert shown[1] == "Sepsis-induced immunoparalysis:"
    assert ("Interferon gamma-1b" in shown[3]) is (arms[2] == "precision")
    assert len(shown) == 4


def test_a_slot_is_revealed_for_every_state_without_one(desk):
    shown = run("reveal", "code.json", *KEY, "--stratum", "01_jena", "--position", "1").output
    assert len(shown.splitlines()) == 7


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (["--position", "9"], "the code has no position 9 of stratum '01_jena'"),
        (["--position", "1", "--state", "none"], "no immune state 'none', expected mals or"),
        (["--position", "1", "--trial", "provide"], "the code is for trial 'immunosep'"),
    ],
)
def test_what_cannot_be_revealed_is_said(desk, changes, problem):
    answer = run("reveal", "code.json", *KEY, "--stratum", "01_jena", *changes, exit_code=2)
    assert problem in said(answer)


def test_a_changed_code_reveals_nothing(desk, tmp_path):
    changed = tmp_path / "code.json"
    code = read_code(desk / "code.json")
    one, two = (slot.sealed for slot in code.slots[:2])
    held = (desk / "code.json").read_text()
    first, second = (b64encode(sealed).decode() for sealed in (one, two))
    changed.write_text(held.replace(first, "*").replace(second, first).replace("*", second))
    where = ["--stratum", "01_jena", "--position", "8"]
    assert "does not open" in said(run("reveal", changed, *KEY, *where, exit_code=2))


def test_a_code_of_an_earlier_protocol_is_noted(desk, tmp_path):
    earlier = tmp_path / "code.json"
    digest = TRIALS["immunosep"].digest
    earlier.write_text((desk / "code.json").read_text().replace(digest, "0" * 64))
    where = ["--stratum", "01_jena", "--position", "1"]
    assert "the protocol is not the one" in run("reveal", earlier, *KEY, *where).output


def test_allocations_that_followed_the_list_are_verified(desk):
    answer = run("verify", "code.json", *KEY, "--allocations", "made.csv")
    assert "2 allocations against 8 slots: nothing wrong" in answer.output


def test_a_slot_passed_over_is_found_with_the_key_and_without(desk):
    commitment = read_code(desk / "code.json").commitment
    public = ["--list", "list.csv", "--nonce", "list.nonce", "--commitment", commitment]
    for by in (KEY, public):
        answer = run("verify", "code.json", *by, "--allocations", "skipped.csv", exit_code=1)
        assert "skipped: position 2 of stratum 01_jena was passed over" in answer.output
        assert "2 allocations against 8 slots: 1 wrong" in answer.output


@pytest.mark.parametrize(
    "by",
    [[], ["--list", "list.csv"], [*KEY, "--nonce", "list.nonce"], [*KEY, "--list", "list.csv"]],
)
def test_verifying_needs_the_key_or_list_and_nonce(desk, by):
    answer = run("verify", "code.json", *by, "--allocations", "made.csv", exit_code=2)
    assert "expected --key, or both --list and --nonce" in said(answer)


def test_a_stratum_the_trial_has_not_is_refused(desk, tmp_path):
    generate = ["generate", *CODE, "--slots-per-stratum", "1", "--stratum", "99"]
    answer = run(*generate, "--out", tmp_path / "c.json", exit_code=2)
    assert "expected 01_jena" in said(answer)


def test_a_trial_without_block_sizes_is_refused(desk, tmp_path):
    generate = ["generate", "--trial", "provide", *CODE, "--slots-per-stratum", "4"]
    answer = run(*generate, "--out", tmp_path / "c.json", exit_code=2)
    assert "names no block sizes" in said(answer)


def test_a_key_that_is_not_there_is_refused(desk, tmp_path):
    missing = ["--key", "absent.pem", "--out", tmp_path / "l.csv"]
    assert "cannot read absent.pem" in said(run("open", "code.json", *missing, exit_code=2))


def test_a_folder_that_cannot_be_made_is_refused(desk):
    answer = run("keys", "--out", "code.json/keys", "--no-passphrase", exit_code=2)
    assert "cannot write" in said(answer)


def test_a_code_that_cannot_be_written_leaves_nothing(desk, tmp_path):
    answer = run(*GENERATE, "--out", tmp_path / "absent" / "code.json", exit_code=2)
    assert "cannot write" in said(answer)


def test_a_full_disk_leaves_no_part_of_a_code(desk, tmp_path, monkeypatch):
    def full(descriptor: int, _: str) -> NoReturn:
        os.close(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("immunosep.cli.secret_files.os.fdopen", full)
    answer = run(*GENERATE, "--out", tmp_path / "code.json", exit_code=2)
    assert "No space left on device" in said(answer)
    assert list(tmp_path.iterdir()) == []


def test_envelopes_are_written_for_one_stratum(desk, tmp_path):
    out = tmp_path / "jena.pdf"
    answer = run("envelopes", "code.json", *KEY, "--stratum", "01_jena", "--out", out)
    assert "8 sheets" in answer.output
    assert out.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_envelopes_of_a_stratum_there_is_not_are_refused(desk, tmp_path):
    where = ["--stratum", "02_attikon", "--out", tmp_path / "x.pdf"]
    answer = run("envelopes", "code.json", *KEY, *where, exit_code=2)
    assert "no stratum '02_attikon'" in said(answer)


def test_envelopes_name_the_extra_they_need(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("immunosep.cli.code_opening.find_spec", lambda _: None)
    where = ["--stratum", "01_jena", "--out", tmp_path / "x.pdf"]
    assert "immunosep[web]" in said(run("envelopes", "code.json", *KEY, *where, exit_code=2))
