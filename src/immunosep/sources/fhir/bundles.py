"""A Bundle's entries, and which resource a reference in one of them means (FHIR R4 and R5, 3.1).

Nothing is fetched: a reference is to a resource contained in its own, or to another entry.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from immunosep.errors import SourceError
from immunosep.sources.fhir.json_values import listed, mapping, text

SUBJECT = "cannot read the Bundle"
TYPES = ("transaction", "batch", "collection", "searchset")
MAX_ENTRIES = 20_000
Resource = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry: where it stands, its address, its resource, what a transaction asks to do."""

    place: str
    url: str
    resource: Resource
    method: str = ""

    @property
    def kind(self) -> str:
        """The type of its resource."""
        return text(self.resource.get("resourceType"))


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Entries in their order, and how to find one."""

    entries: list[Entry] = field(default_factory=list)
    by_url: Mapping[str, list[Resource]] = field(default_factory=dict)
    by_name: Mapping[str, list[Resource]] = field(default_factory=dict)  # such as Patient/1
    is_page: bool = False  # of a search that has more

    def find(self, reference: Any, *, of: Entry, kind: str) -> Resource | None:
        """The one resource of a kind that a reference means; None if it is not here, or not one."""
        written = text(mapping(reference).get("reference"))
        found = self._found(written.partition("/_history/")[0], of)
        return found[0] if len(found) == 1 and found[0].get("resourceType") == kind else None

    def _found(self, written: str, of: Entry) -> list[Resource]:
        if written.startswith("#"):
            inside = [mapping(each) for each in listed(of.resource.get("contained"))]
            return [each for each in inside if each.get("id") == written[1:]]
        if ":" in written.partition("/")[0]:
            return self.by_url.get(written, [])
        base = of.url.removesuffix(f"{of.kind}/{of.resource.get('id')}")
        if base.startswith("http") and base != of.url and base + written in self.by_url:
            return self.by_url[base + written]
        return self.by_name.get(written, [])


def bundle_of(written: str) -> Bundle:
    """The Bundle in a text; a SourceError says everything that makes it none."""
    parsed = mapping(_parsed(written))
    kind, entries = parsed.get("type"), listed(parsed.get("entry"))
    problems = [
        problem
        for problem, applies in (
            ("is no FHIR Bundle; expected resourceType Bundle",
             parsed.get("resourceType") != "Bundle"),
            (f"its type is not one of {', '.join(TYPES)}", kind not in TYPES),
            ("holds no entry", not entries),
            (f"has more than {MAX_ENTRIES:,} entries; split it", len(entries) > MAX_ENTRIES),
            ("follows rules of its own (implicitRules)", "implicitRules" in parsed),
        )
        if applies
    ]  # fmt: skip
    if problems:
        raise SourceError(SUBJECT, problems)
    links = [mapping(link).get("relation") for link in listed(parsed.get("link"))]
    return _indexed([_entry(n, each) for n, each in enumerate(entries, 1)], is_page="next" in links)


def is_bundle(value: Any) -> bool:
    """Whether a value is a Bundle, or says that it is one."""
    return bool(mapping(value).get("resourceType") == "Bundle")


def _entry(number: int, raw: Any) -> Entry:
    entry = mapping(raw)
    return Entry(
        place=f"entry {number}",
        url=text(entry.get("fullUrl")),
        resource=mapping(entry.get("resource")),
        method=text(mapping(entry.get("request")).get("method")),
    )


def _indexed(entries: list[Entry], *, is_page: bool) -> Bundle:
    by_url: dict[str, list[Resource]] = {}
    by_name: dict[str, list[Resource]] = {}
    for entry in entries:
        by_url.setdefault(entry.url, []).append(entry.resource)
        by_name.setdefault(f"{entry.kind}/{entry.resource.get('id')}", []).append(entry.resource)
    return Bundle(entries=entries, by_url=by_url, by_name=by_name, is_page=is_page)


def _parsed(written: str) -> Any:
    """Standard JSON: no name twice in an object, no NaN, no endless nesting."""
    try:
        return json.loads(written, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise SourceError(SUBJECT, ["is nested too deeply"]) from None
    except json.JSONDecodeError as error:
        where = (
            f"line {error.lineno}, character {error.colno}, is not JSON, or the file is cut short"
        )
        raise SourceError(SUBJECT, [where]) from None
    except ValueError:
        raise SourceError(SUBJECT, ["holds a number that is none"]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        twice = sum(count > 1 for count in Counter(key for key, _ in pairs).values())
        raise SourceError(SUBJECT, [f"an object has {twice} of its names more than once"])
    return dict(pairs)


def _no_number(_written: str) -> Any:
    raise ValueError
