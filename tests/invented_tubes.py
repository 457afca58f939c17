"""Invented tubes: blood of known HLA-DR and beads of a known lot, as FCS files.

`exact` follows a recipe without random numbers: each population lies on the quantiles of its
log-normal, so its geometric mean is known to rounding. `blood` and `beads` draw theirs, and can be
given the faults of real tubes. Run as a program it writes the pair of the documentation::

    .venv/bin/python -m tests.invented_tubes examples/hla-dr
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LOT = (638.0, 6930.0, 31008.0, 67601.0)  # QuantiBRITE PE lot 96597, as printed in public code
GAIN = 2.5  # brightness of one PE molecule
NAMES = ("FSC-A", "FSC-H", "SSC-A", "FITC-A", "PE-A", "PerCP-Cy5-5-A", "Time")
STAINS = {"FITC-A": "CD45", "PE-A": "HLA-DR", "PerCP-Cy5-5-A": "CD14"}
DYES = ("FITC-A", "PE-A", "PerCP-Cy5-5-A")
SPILL = np.array([[1.0, 0.13, 0.01], [0.005, 1.0, 0.18], [0.001, 0.02, 1.0]])
FULL_SCALE = 262_144
KEYWORDS = {"$CYT": "INVENTED", "$DATE": "01-JAN-2026"}
VOLTAGES = dict(zip(NAMES, (300, 300, 350, 420, 430, 480, 0), strict=True))


@dataclass(frozen=True, kw_only=True)
class Population:
    """One kind of cell: how many, and the centre of each channel; `pe` in molecules."""

    count: int
    fsc: float
    ssc: float
    cd45: float
    cd14: float
    pe: float
    pe_decades: float = 0.20


MONOCYTES = Population(count=2000, fsc=95e3, ssc=62e3, cd45=25e3, cd14=10**4.2, pe=4321)
GRANULOCYTES = Population(count=12000, fsc=65e3, ssc=140e3, cd45=11e3, cd14=224, pe=400)
LYMPHOCYTES = Population(
    count=3000, fsc=32e3, ssc=16e3, cd45=45e3, cd14=100, pe=230, pe_decades=0.25
)
DEBRIS = Population(count=0, fsc=9e3, ssc=8e3, cd45=120, cd14=40, pe=60)


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A tube: its columns by channel, and what its keywords say."""

    columns: dict[str, Array]
    keywords: dict[str, str] = field(default_factory=lambda: dict(KEYWORDS))
    voltages: dict[str, int] = field(default_factory=lambda: dict(VOLTAGES))
    stains: dict[str, str] = field(default_factory=lambda: dict(STAINS))
    spill: Array | None = field(default_factory=lambda: np.eye(3))

    def without(self, *names: str) -> "Drawn":
        """The tube without these channels."""
        return replace(self, columns={n: c for n, c in self.columns.items() if n not in names})

    def said(self, **keywords: str) -> "Drawn":
        """The tube with these keywords: CYT for $CYT."""
        return replace(self, keywords=self.keywords | {f"${k}": v for k, v in keywords.items()})

    def write(self, path: Path) -> Path:
        """Write it as FCS 3.1, float32."""
        names = list(self.columns)
        rows = np.stack([self.columns[name] for name in names], axis=1).astype("<f4")
        said: dict[str, object] = {"$PAR": len(names), "$TOT": len(rows)}
        for at, name in enumerate(names, start=1):
            said |= {f"$P{at}N": name, f"$P{at}B": 32, f"$P{at}E": "0,0", f"$P{at}R": FULL_SCALE}
            said |= {f"$P{at}V": self.voltages[name]} if self.voltages.get(name) else {}
            said |= {f"$P{at}S": self.stains[name]} if name in self.stains else {}
        path.write_bytes(_fcs(said | self._matrix() | self.keywords, rows.tobytes()))
        return path

    def write_logarithmic(self, path: Path) -> Path:
        """Write it as cytometers with logarithmic amplifiers did: 10 bits in 16, four decades."""
        said: dict[str, object] = {"$PAR": len(self.columns), "$DATATYPE": "I"}
        stored = []
        for at, (name, values) in enumerate(self.columns.items(), start=1):
            clock = name == "Time"
            share = np.log10(np.maximum(values / FULL_SCALE, 1e-4)) / 4 + 1
            stored.append(np.clip(values if clock else 1024 * share, 0, 65535 if clock else 1023))
            said |= {f"$P{at}N": name, f"$P{at}B": 16, f"$P{at}R": 65536 if clock else 1024}
            said |= {f"$P{at}E": "0,0" if clock else f"4,{FULL_SCALE / 1e4}"}
            said |= {f"$P{at}V": self.voltages[name]} if self.voltages.get(name) else {}
            said |= {f"$P{at}S": self.stains[name]} if name in self.stains else {}
        rows = np.stack(stored, axis=1).astype("<u2")
        said |= {"$TOT": len(rows)}
        path.write_bytes(_fcs(said | self._matrix() | self.keywords, rows.tobytes()))
        return path

    def _matrix(self) -> dict[str, object]:
        dyes = [name for name in DYES if name in self.columns]
        if self.spill is None or len(dyes) != len(self.spill):
            return {}
        values = ",".join(f"{value:g}" for value in self.spill.ravel())
        return {"$SPILLOVER": f"{len(dyes)},{','.join(dyes)},{values}"}


def exact(populations: tuple[Population, ...] = (MONOCYTES, GRANULOCYTES, LYMPHOCYTES)) -> Drawn:
    """Blood on exact quantiles."""
    parts = [
        {
            "FSC-A": p.fsc * 10 ** (0.06 * _z(p.count, 7919)),
            "SSC-A": p.ssc * 10 ** (0.08 * _z(p.count, 104729)),
            "FITC-A": p.cd45 * 10 ** (0.10 * _z(p.count, 15485863)),
            "PE-A": GAIN * p.pe * 10 ** (p.pe_decades * _z(p.count, 1)),
            "PerCP-Cy5-5-A": p.cd14 * 10 ** (0.15 * _z(p.count, 32452843)),
        }
        for p in populations
        if p.count
    ]
    return _timed({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def exact_beads(lot: tuple[float, ...] = LOT, *, count: int = 2500) -> Drawn:
    """Beads on exact quantiles."""
    pe = np.concatenate([GAIN * value * 10 ** (0.05 * _z(count, 1)) for value in lot])
    same = np.concatenate([_z(count, 7919)] * len(lot))
    other = np.concatenate([_z(count, 104729)] * len(lot))
    return _timed(
        {
            "FSC-A": 40e3 * 10 ** (0.06 * same),
            "SSC-A": 30e3 * 10 ** (0.08 * other),
            "FITC-A": np.full(len(pe), 20.0),
            "PE-A": pe,
            "PerCP-Cy5-5-A": np.full(len(pe), 20.0),
        }
    )


def blood(
    rng: np.random.Generator,
    *,
    abc: float = 5000,
    monocytes: int = 2000,
    granulocytes: int = 12000,
    debris: int = 0,
    cd14_decades: float = 0.0,
    drift: float = 0.0,
    doublets: float = 0.0,
    compensated: bool = False,
) -> Drawn:
    """Blood drawn at random, spilling as its matrix says; `abc` is the true answer."""
    kinds = (
        replace(MONOCYTES, count=monocytes, pe=abc, cd14=10 ** (4.2 + cd14_decades)),
        replace(GRANULOCYTES, count=granulocytes),
        LYMPHOCYTES,
        replace(DEBRIS, count=debris),
    )
    table = np.concatenate([_drawn(rng, kind) for kind in kinds if kind.count])
    rng.shuffle(table)
    table[:, 3] *= 1 + drift * np.linspace(-0.5, 0.5, len(table))
    if doublets:
        pairs = rng.integers(0, len(table), (int(doublets * len(table)), 2))
        table = np.concatenate([table, table[pairs].sum(axis=1)])
        rng.shuffle(table)
    dyes = table[:, [2, 3, 4]] + rng.normal(0, 30, (len(table), 3))
    if not compensated:
        dyes = dyes @ SPILL
    height = table[:, 0] * rng.normal(1, 0.02, len(table))
    if doublets:
        height = np.where(table[:, 0] > 150e3, height * 0.6, height)
    columns = dict(zip(("FSC-A", "SSC-A"), table[:, :2].T, strict=True)) | {"FSC-H": height}
    columns |= dict(zip(DYES, dyes.T, strict=True))
    ordered = {name: np.minimum(columns[name], FULL_SCALE - 1) for name in NAMES[:-1]}
    return replace(_timed(ordered, shuffled=False), spill=SPILL)


def beads(
    rng: np.random.Generator, *, lot: tuple[float, ...] = LOT, count: int = 1250, slope: float = 1.0
) -> Drawn:
    """Beads drawn at random; the brightness goes with molecules to the power of `slope`."""
    centre = np.log10(GAIN) + slope * np.log10(lot) + (1 - slope) * 4
    pe = 10 ** (np.repeat(centre, count) + rng.normal(0, 0.03, count * len(lot)))
    n = len(pe)
    columns = {
        "FSC-A": 40e3 * 10 ** rng.normal(0, 0.03, n),
        "SSC-A": 30e3 * 10 ** rng.normal(0, 0.04, n),
        "FITC-A": rng.normal(20, 20, n),
        "PE-A": pe,
        "PerCP-Cy5-5-A": 0.18 * pe + rng.normal(20, 20, n),
    }
    columns["FSC-H"] = columns["FSC-A"] * rng.normal(1, 0.02, n)
    mixed = rng.permutation(n)
    drawn = {name: np.minimum(column[mixed], FULL_SCALE - 1) for name, column in columns.items()}
    return replace(_timed({name: drawn[name] for name in NAMES[:-1]}, shuffled=False), spill=SPILL)


def _drawn(rng: np.random.Generator, kind: Population) -> Array:
    n = kind.count
    logs = np.stack(
        [
            np.log10(kind.fsc) + rng.normal(0, 0.05, n),
            np.log10(kind.ssc) + rng.normal(0, 0.06, n),
            np.log10(kind.cd45) + rng.normal(0, 0.10, n),
            np.log10(GAIN * kind.pe) + rng.normal(0, kind.pe_decades, n),
            np.log10(kind.cd14) + rng.normal(0, 0.15, n),
        ],
        axis=1,
    )
    found: Array = 10**logs
    return found


def _timed(columns: Mapping[str, Array], *, shuffled: bool = True) -> Drawn:
    """With a height for each area and a time for each event."""
    n = len(columns["FSC-A"])
    order = np.arange(n) * 7919 % n if shuffled else np.arange(n)
    found = {"FSC-H": columns["FSC-A"], **columns, "Time": order / 100}
    return Drawn(columns={name: found[name] for name in NAMES})


def _z(count: int, prime: int) -> Array:
    """Standard normal quantiles in a scattered order."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((i * prime % count + 0.5) / count) for i in range(count)])


def _fcs(keywords: Mapping[str, object], data: bytes) -> bytes:
    whole = {
        "$BEGINANALYSIS": 0, "$ENDANALYSIS": 0, "$BEGINSTEXT": 0, "$ENDSTEXT": 0, "$NEXTDATA": 0,
        "$MODE": "L", "$BYTEORD": "1,2,3,4", "$DATATYPE": "F", **keywords,
    }  # fmt: skip
    text = "|" + "".join(f"{key}|{value}|" for key, value in whole.items())
    begin = 58 + len(text.encode()) + len("$BEGINDATA|12345678|$ENDDATA|12345678|")
    text += f"$BEGINDATA|{begin:8d}|$ENDDATA|{begin + len(data) - 1:8d}|"
    offsets = (58, begin - 1, begin, begin + len(data) - 1, 0, 0)
    header = b"FCS3.1    " + b"".join(b"%8d" % offset for offset in offsets)
    return header + text.encode() + data


def main(folder: Path) -> None:
    """Write the pair of the documentation."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(340827)
    small = blood(rng, abc=3150, monocytes=1200, granulocytes=2000)
    small.write(folder / "bed7_patient.fcs")
    beads(rng, count=550).write(folder / "bed7_beads.fcs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
