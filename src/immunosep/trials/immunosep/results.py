"""What ImmunoSep's report printed, with the counts it rests on; the precision arm comes first.

Counts and print are those of Giamarellos-Bourboulis JAMA 2026;335:775 with its supplements; numbers
only. A row says in its note where the report contradicts itself.
"""

from immunosep.protocol.published import Measure, PublishedRow
from immunosep.trials.immunosep.references import REPORT

ARTICLE = REPORT.short
SUPPLEMENT = f"{REPORT.short}, Supplement 2"
PRECISION, PLACEBO = 131, 145

FLOW = tuple(
    PublishedRow(
        table="Flow of participants",
        row=row,
        source=ARTICLE,
        groups=(parts,),
        printed={Measure.SUM: (total,)},
    )
    for row, parts, total in (
        ("excluded, by reason", (355, 14, 8, 5, 2, 2, 2, 2, 1), "391"),
        ("screened: excluded and randomised", (391, 281), "672"),
        ("randomised, by arm", (135, 146), "281"),
        ("precision: analysed and data withdrawn", (131, 4), "135"),
        ("placebo: analysed and data withdrawn", (145, 1), "146"),
        ("analysed, by arm", (131, 145), "276"),
        ("precision: treatment stopped early, by reason", (35, 18, 8, 1), "62"),
        ("placebo: treatment stopped early, by reason", (51, 19, 2), "72"),
        ("samples for reversal, by arm", (59, 66), "125"),
        ("precision, day 9: measured, dead, carried forward", (100, 21, 10), "131"),
        ("placebo, day 9: measured, dead, carried forward", (103, 29, 13), "145"),
    )
)

BASELINE = (
    PublishedRow(
        table="Baseline",
        row="immune states: MALS and immunoparalysis",
        source=ARTICLE,
        groups=((25, 106), (23, 122)),
        printed={Measure.SUM: ("131", "145")},
    ),
    PublishedRow(
        table="Baseline",
        row="types of infection",
        source=ARTICLE,
        groups=((48, 35, 31, 16, 1), (54, 32, 44, 12, 3)),
        printed={Measure.SUM: ("131", "145")},
    ),
    PublishedRow(
        table="Baseline",
        row="men and women",
        source=ARTICLE,
        groups=((89, 42), (94, 51)),
        printed={Measure.SUM: ("131", "145")},
    ),
    PublishedRow(
        table="Baseline",
        row="women, both arms",
        source=ARTICLE,
        groups=((93, 276),),
        printed={Measure.PERCENT: ("33.7",)},
    ),
    PublishedRow(
        table="Baseline",
        row="mechanical ventilation",
        source=ARTICLE,
        groups=((116, PRECISION), (129, PLACEBO)),
        printed={Measure.PERCENT: ("88.5", "89.0"), Measure.FISHER_P: ()},
    ),
    PublishedRow(
        table="Baseline",
        row="continuous haemofiltration",
        source=ARTICLE,
        groups=((23, PRECISION), (24, PLACEBO)),
        printed={Measure.PERCENT: ("17.6", "16.6"), Measure.FISHER_P: ()},
    ),
    PublishedRow(
        table="Baseline",
        row="Charlson index 5 or more",
        source=ARTICLE,
        groups=((54, PRECISION), (76, PLACEBO)),
        printed={Measure.PERCENT: ("41.2", "52.4"), Measure.FISHER_P: ()},
    ),
    PublishedRow(
        table="Baseline",
        row="last score carried forward on day 9, both arms",
        source=SUPPLEMENT,
        groups=((23, 276),),
        printed={Measure.PERCENT: ("8.3",)},
    ),
)


def _outcome(
    row: str,
    precision: tuple[int, int],
    placebo: tuple[int, int],
    *,
    difference: tuple[str, ...] = (),
    odds_ratio: tuple[str, ...] = (),
    p: tuple[str, ...] = (),
    source: str = ARTICLE,
    note: str = "",
) -> PublishedRow:
    return PublishedRow(
        table="Outcomes",
        row=row,
        source=source,
        groups=(precision, placebo),
        printed={
            Measure.DIFFERENCE: difference,
            Measure.ODDS_RATIO: odds_ratio,
            Measure.FISHER_P: p,
        },
        note=note,
    )


OUTCOMES = (
    _outcome(
        "SOFA response, day 9 (primary)",
        (46, PRECISION),
        (26, PLACEBO),
        difference=("17.2", "6.8", "27.2"),
        odds_ratio=("2.48", "1.42", "4.32"),
        p=(".002",),
    ),
    PublishedRow(
        table="Outcomes",
        row="SOFA response, day 9, univariate logistic model",
        source=SUPPLEMENT,
        groups=((46, PRECISION), (26, PLACEBO)),
        printed={
            Measure.ODDS_RATIO: ("2.48", "1.42", "4.31"),
            Measure.WALD_P: (".001",),
            Measure.NUMBER_NEEDED: (),
        },
    ),
    _outcome(
        "SOFA response, day 9, MALS",
        (12, 25),
        (4, 23),
        odds_ratio=("4.38", "1.15", "16.64"),
        p=(".034",),
        source=SUPPLEMENT,
    ),
    PublishedRow(
        table="Outcomes",
        row="SOFA response, day 9, MALS, in the article",
        source=ARTICLE,
        groups=((12, 25), (4, 23)),
        printed={Measure.FISHER_P: (".04",)},
        note="the supplement prints .034, which rounds to .03",
        settles=False,
    ),
    _outcome(
        "SOFA response, day 9, immunoparalysis",
        (34, 106),
        (22, 122),
        odds_ratio=("2.15", "1.16", "3.97"),
        p=(".020",),
        source=SUPPLEMENT,
    ),
    PublishedRow(
        table="Outcomes",
        row="SOFA response, day 9, over both immune states",
        source=SUPPLEMENT,
        groups=((12, 25), (4, 23), (34, 106), (22, 122)),
        printed={
            Measure.MANTEL_HAENSZEL: (),
            Measure.CMH_P: (),
            Measure.BRESLOW_DAY_P: (),
        },
    ),
    _outcome(
        "SOFA response, day 9, without carried-forward scores",
        (38, 121),
        (19, 132),
        odds_ratio=("2.72", "1.47", "5.05"),
        p=(".001",),
        source=SUPPLEMENT,
    ),
    _outcome(
        "SOFA response, day 15",
        (52, PRECISION),
        (34, PLACEBO),
        difference=("16.3", "5.3", "26.8"),
        odds_ratio=("2.15", "1.28", "3.61"),
        p=(".004",),
    ),
    PublishedRow(
        table="Outcomes",
        row="SOFA response, day 15, in the text",
        source=ARTICLE,
        groups=((51, PRECISION), (34, PLACEBO)),
        printed={
            Measure.PERCENT: ("39.7", ""),
            Measure.ODDS_RATIO: ("2.15", "1.28", "3.61"),
            Measure.FISHER_P: (".004",),
        },
        note="the text prints 51 of 131; its own percentage, odds ratio and P, both tables and the "
        "immune states (12 and 40) fit 52",
        settles=False,
    ),
    _outcome(
        "SOFA response, day 15, MALS",
        (12, 25),
        (5, 23),
        source=SUPPLEMENT,
    ),
    _outcome(
        "SOFA response, day 15, immunoparalysis",
        (40, 106),
        (29, 122),
        difference=("13.9", "1.9", "25.6"),
        odds_ratio=("1.194", "1.09", "3.45"),
        p=(".030",),
        source=SUPPLEMENT,
        note="the printed odds ratio is not in the middle of its own interval: a slip for 1.944",
    ),
    PublishedRow(
        table="Outcomes",
        row="SOFA response, day 15, over both immune states",
        source=SUPPLEMENT,
        groups=((12, 25), (5, 23), (40, 106), (29, 122)),
        printed={Measure.MANTEL_HAENSZEL: (), Measure.BRESLOW_DAY_P: ()},
    ),
    _outcome(
        "death by day 28",
        (57, PRECISION),
        (72, PLACEBO),
        difference=("6.1", "-5.6", "17.6"),
        odds_ratio=("0.78", "0.49", "1.26"),
        p=(".34",),
        note="printed as placebo minus precision, in a column of precision minus placebo",
    ),
    _outcome(
        "death by day 90",
        (90, PRECISION),
        (98, PLACEBO),
        difference=("1.1", "-9.8", "11.9"),
        odds_ratio=("1.05", "0.63", "1.75"),
        p=(".90",),
    ),
    PublishedRow(
        table="Outcomes",
        row="death by day 9",
        source=SUPPLEMENT,
        groups=((21, PRECISION), (29, PLACEBO)),
        printed={Measure.PERCENT: ("16.0", "20.0")},
    ),
    _outcome(
        "reversal of the immune state, day 28",
        (46, 59),
        (32, 66),
        difference=("29.5", "12.6", "44.0"),
        odds_ratio=("3.76", "1.72", "8.22"),
        p=(".001",),
    ),
    PublishedRow(
        table="Outcomes",
        row="outcome of the infection, day 15, worse",
        source=ARTICLE,
        groups=((58, 11, 32, 30), (46, 9, 44, 46)),
        printed={
            Measure.PROPORTIONAL_ODDS: ("0.59", "0.38", "0.91"),
            Measure.PROPORTIONAL_ODDS_P: (".018",),
        },
    ),
)

NOT_FROM_COUNTS = tuple(
    PublishedRow(
        table="Models, which no count reproduces",
        row=row,
        source=ARTICLE,
        printed={Measure.NOT_FROM_COUNTS: printed},
    )
    for row, printed in (
        ("SOFA response, day 9: adjusted odds ratio", ("2.49", "1.42", "4.36")),
        ("death by day 28: hazard ratio", ("0.83", "0.59", "1.18")),
        ("death by day 90: hazard ratio", ("0.84", "0.63", "1.12")),
        ("time to reversal: hazard ratio", ("2.38", "1.50", "3.77")),
    )
)
