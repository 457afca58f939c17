"""What ImmunoSep's report printed of subgroups and of harms, with the counts it rests on.

The counts of the primary endpoint in subgroups are those that the printed odds ratios and intervals
allow (JAMA 2026;335:775, Supplement 2); deaths are printed counts. The figures call the odds ratio
within the high subgroup an interaction; an interaction is the ratio of the two odds ratios.
"""

from immunosep.protocol.published import Measure, PublishedRow
from immunosep.trials.immunosep.results import SUPPLEMENT

Arms = tuple[tuple[int, int], tuple[int, int]]
NO_INTERACTION = (
    "the figure calls the treatment's odds ratio within the high subgroup an interaction"
)


def _interaction(endpoint: str, subgroup: str, high: Arms, low: Arms) -> PublishedRow:
    return PublishedRow(
        table="Subgroups",
        row=f"{endpoint}: {subgroup} against below",
        source=SUPPLEMENT,
        groups=(*high, *low),
        printed={Measure.INTERACTION: (), Measure.INTERACTION_P: ()},
        note=NO_INTERACTION,
    )


SUBGROUPS = (
    _interaction(
        "SOFA response, day 9",
        "APACHE II 25 or more",
        ((12, 38), (8, 40)),
        ((34, 93), (18, 105)),
    ),
    _interaction(
        "SOFA response, day 9",
        "Charlson index 5 or more",
        ((20, 54), (7, 76)),
        ((26, 77), (19, 69)),
    ),
    _interaction(
        "SOFA response, day 9", "SOFA 10 or more", ((25, 67), (11, 68)), ((21, 64), (15, 77))
    ),
    _interaction(
        "death by day 28",
        "APACHE II 25 or more",
        ((22, 38), (27, 40)),
        ((35, 93), (45, 105)),
    ),
    _interaction(
        "death by day 28",
        "Charlson index 5 or more",
        ((24, 54), (50, 76)),
        ((33, 77), (22, 69)),
    ),
    _interaction("death by day 28", "SOFA 10 or more", ((35, 67), (48, 68)), ((22, 64), (24, 77))),
    PublishedRow(
        table="Subgroups",
        row="SOFA response, day 9, Charlson index 5 or more",
        source=SUPPLEMENT,
        groups=((20, 54), (7, 76)),
        printed={Measure.ODDS_RATIO: ("", "2.34", "")},
        note="the counts that fit the printed odds ratio give 2.23",
    ),
    PublishedRow(
        table="Subgroups",
        row="death by day 90, APACHE II 25 or more (eFigure 9B)",
        source=SUPPLEMENT,
        groups=((31, 38), (32, 40)),
        printed={Measure.ODDS_RATIO: ("0.11", "", "")},
        note="printed outside its own interval: a slip for 1.11. eFigure 8B is a copy of 7B",
    ),
)


def _harm(
    row: str, groups: tuple[int, int, int, int], total: str, percent: str
) -> tuple[PublishedRow, PublishedRow]:
    """The patients of MALS and immunoparalysis, by arm: their sum, and its share."""
    return (
        PublishedRow(
            table="Harms",
            row=f"{row}, by immune state and arm",
            source=SUPPLEMENT,
            groups=(groups,),
            printed={Measure.SUM: (total,)},
        ),
        PublishedRow(
            table="Harms",
            row=f"{row}, of all patients",
            source=SUPPLEMENT,
            groups=((sum(groups), 276),),
            printed={Measure.PERCENT: (percent,)},
        ),
    )


HARMS = (
    *_harm("patients with a serious adverse event", (20, 21, 96, 108), "245", "88.8"),
    *_harm("patients with any adverse event", (20, 20, 104, 112), "256", "92.8"),
    *_harm("patients with a severe event at most", (12, 14, 45, 45), "116", "42.0"),
    *_harm("patients with a SUSAR", (0, 0, 2, 3), "5", "1.8"),
    PublishedRow(
        table="Harms",
        row="serious adverse events, in the abstract",
        source=SUPPLEMENT,
        groups=((1069, 276),),
        printed={Measure.PERCENT: ("88.8",)},
        note="1,069 are events; 88.8 % are 245 of 276 patients",
    ),
    PublishedRow(
        table="Harms",
        row="serious events by relation to treatment",
        source=SUPPLEMENT,
        groups=((3, 8, 67, 167),),
        printed={Measure.SUM: ("245",)},
    ),
    PublishedRow(
        table="Harms",
        row="serious event related to treatment, patients",
        source=SUPPLEMENT,
        groups=((8, 131), (3, 145)),
        printed={Measure.FISHER_P: ()},
    ),
)
