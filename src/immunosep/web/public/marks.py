"""The marks of a map: hospitals that stand close share one, and no label covers another."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import hypot

from immunosep.web.public.houses import House
from immunosep.web.public.land import WIDTH

FONT = 12.0
LETTER = 0.63 * FONT  # how wide a letter is, on average
GAP = 4.0  # between a mark and its label
MARGIN = 6.0  # to the map's edge: a browser's letters may be wider than the average
TOGETHER = 14.0  # nearer than this, two hospitals share a mark
RADIUS = 5.0
RADIUS_PER_HOUSE = 0.6
LARGEST_RADIUS = 11.0

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A dot of a map, with its label where there is room for one."""

    x: float
    y: float
    radius: float
    label: str = ""
    anchor: str = ""
    label_x: float = 0
    label_y: float = 0

    @property
    def box(self) -> Box:
        """The square it covers."""
        r = self.radius
        return self.x - r, self.y - r, self.x + r, self.y + r


@dataclass(kw_only=True)
class Labels:
    """What is covered already, so that the next label finds a free place or is left out."""

    height: float
    taken: list[Box] = field(default_factory=list)

    def put(self, mark: Mark, text: str) -> Mark:
        """The mark with its label to the right, left, above or below; else without."""
        wide, away = len(text) * LETTER, mark.radius + GAP
        for anchor, x, y in (
            ("start", mark.x + away, mark.y + FONT / 3),
            ("end", mark.x - away, mark.y + FONT / 3),
            ("middle", mark.x, mark.y - away),
            ("middle", mark.x, mark.y + away + FONT * 0.8),
        ):
            left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
            box = (left, y - FONT, left + wide, y + FONT / 4)
            if self.is_free(box):
                self.taken.append(box)
                return replace(
                    mark, label=text, anchor=anchor, label_x=round(x, 1), label_y=round(y, 1)
                )
        return mark

    def is_free(self, box: Box) -> bool:
        """Whether nothing is there yet and the map's edge is not crossed."""
        left, top, right, bottom = box
        across = left >= MARGIN and right <= WIDTH - MARGIN
        inside = across and top >= 0 and bottom <= self.height
        return inside and all(
            right < taken[0] or left > taken[2] or bottom < taken[1] or top > taken[3]
            for taken in self.taken
        )


def marks_of(
    placed: Iterable[tuple[tuple[float, float], House]], labels: Labels
) -> tuple[Mark, ...]:
    """A mark for each cluster of hospitals, named by its towns, the largest first."""
    clusters = sorted(_together(placed), key=lambda cluster: -len(cluster))
    marks = [_mark(cluster) for cluster in clusters]
    labels.taken += [mark.box for mark in marks]
    return tuple(
        labels.put(mark, _name(cluster)) for mark, cluster in zip(marks, clusters, strict=True)
    )


_Cluster = list[tuple[tuple[float, float], House]]


def _together(placed: Iterable[tuple[tuple[float, float], House]]) -> list[_Cluster]:
    clusters: list[_Cluster] = []
    for place, house in placed:
        near = (
            c for c in clusters if hypot(place[0] - c[0][0][0], place[1] - c[0][0][1]) < TOGETHER
        )
        found = next(near, None)
        if found is None:
            clusters.append(found := [])
        found.append((place, house))
    return clusters


def _mark(cluster: _Cluster) -> Mark:
    count = len(cluster)
    return Mark(
        x=round(sum(place[0] for place, _ in cluster) / count, 1),
        y=round(sum(place[1] for place, _ in cluster) / count, 1),
        radius=min(RADIUS + RADIUS_PER_HOUSE * (count - 1), LARGEST_RADIUS),
    )


def _name(cluster: _Cluster) -> str:
    city, _ = Counter(house.city for _, house in cluster).most_common(1)[0]
    return city if len(cluster) == 1 else f"{city} ({len(cluster)})"
