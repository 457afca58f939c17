"""Fixtures every test may ask for: the shared test data, and each engine a rule has to agree on."""

import atexit
import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.browser.chromium import NO_CHROMIUM
from tests.dealing import Together, begins
from tests.postgresql import MISSING as NO_POSTGRESQL

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("IMMUNOSEP_SHARED", ROOT.parent / "shared"))

NO_SHARED = "test data absent: set IMMUNOSEP_SHARED to the folder that holds data/ and golden/"
NO_JAVA = "Spark needs Java 17 to 23: install one (Debian, Ubuntu: openjdk-17-jre-headless)"
JAVA_VERSIONS = range(17, 24)  # Spark 4.0 runs on 17 and later; Java 24 took away what it stands on

_TOLERANT = settings(  # machines are shared, a record has many columns, an engine serves one test
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.large_base_example,
        HealthCheck.too_slow,
    ],
)
settings.register_profile("quick", _TOLERANT, max_examples=25, derandomize=True, database=None)
settings.register_profile(
    "full",
    _TOLERANT,
    max_examples=500,
    database=DirectoryBasedExampleDatabase(ROOT / ".cache" / "hypothesis"),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_configure() -> None:
    """Have each of the hundreds of processes that tests start find what the first one compiled."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # containers set it, where nothing is reused
    sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Find the tests without looking through all that was found, again and again, for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        atexit.register(gc.unfreeze)  # or DuckDB takes what is kept at the end for a leak


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """How workers share the tests."""
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones begin."""
    items.sort(key=begins)


@pytest.fixture(scope="session")
def shared_if_any() -> Path | None:
    """The folder of test data, or None where it is absent."""
    return SHARED if (SHARED / "data").is_dir() else None


@pytest.fixture(scope="session")
def shared(shared_if_any: Path | None) -> Path:
    """The folder of test data that is too large, or licensed otherwise, to live in the project."""
    if shared_if_any is None:
        pytest.skip(NO_SHARED)
    return shared_if_any


@dataclass(frozen=True)
class Engine:
    """An engine rules run on: give it tables by name, then ask it for an unbound expression."""

    name: str
    connection: Any

    def table(self, rows: pa.Table, name: str) -> Any:
        """Load `rows` under `name`; the answer is the bound Ibis table."""
        if self.name == "duckdb":
            return self.connection.create_table(name, rows, temp=True, overwrite=True)
        self.connection._session.createDataFrame(rows).createOrReplaceTempView(name)
        return self.connection.table(name)

    def to_pyarrow(self, expression: Any) -> pa.Table:
        """The rows of a table expression, with the types the expression promises."""
        if self.name == "duckdb":
            return self.connection.to_pyarrow(expression)
        # Through Spark's own Arrow: Ibis goes by pandas, where a missing integer becomes a float.
        rows = self.connection.raw_sql(self.connection.compile(expression)).toArrow()
        return rows.cast(expression.schema().to_pyarrow())


@pytest.fixture(
    params=[
        "duckdb",
        pytest.param("spark", marks=pytest.mark.spark),
    ]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Every engine in turn: a test that asks for it shows that they agree."""
    if request.param == "duckdb":
        return Engine("duckdb", ibis.duckdb.connect())
    return Engine("spark", request.getfixturevalue("_spark"))


QUICK_TO_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # compiles less: half the time here


@pytest.fixture(scope="session")
def _spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if _java_version() not in JAVA_VERSIONS:
        pytest.skip(NO_JAVA)
    sql = pytest.importorskip("pyspark.sql")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "localhost")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.ui.enabled", "false")
        .config("spark.driver.extraJavaOptions", QUICK_TO_START)
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session)
    session.stop()


def _java_version() -> int | None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or shutil.which(java) is None:
        return None
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in one line each how much was left untested, and what would have it tested."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for reason in (NO_SHARED, NO_JAVA, NO_CHROMIUM, NO_POSTGRESQL):
        count = sum(reason in skipped for skipped in reasons)
        if count:
            terminalreporter.write_line(f"NOT TESTED: {count} tests skipped, {reason}", yellow=True)
