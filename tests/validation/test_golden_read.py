"""No file of reference values lies beside the tests unread."""

from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_reference_file_is_named_by_a_test(shared):
    golden = shared / "golden"
    told = [
        path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py") if path != Path(__file__)
    ]
    told += [path.read_text(encoding="utf-8") for path in golden.glob("*.json")]
    files = [p for p in golden.rglob("*") if p.is_file() and p.name != "README.md"]
    assert files
    text = "\n".join(told)
    named = {p.name for p in files if p.name in text or f'"{p.stem}"' in text}
    assert named == {p.name for p in files}
