"""What every test may ask for, and the rule that on the build machine nothing may be skipped."""

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from tests.support.postgres_server import PostgresServer, start_postgres

pytest_plugins = [
    "pytester",
    "tests.support.browser",
    "tests.support.http_sink",
    "tests.support.world",
    "tests.support.running",
]

# How long one example takes says more about the machine than about the code.
settings.register_profile("patient", deadline=None)
# Where every change waits for all tests on two cores, fewer examples of those that name no number.
settings.register_profile("brief", deadline=None, max_examples=40)
settings.load_profile("brief" if os.environ.get("CPO_REQUIRE_ALL") == "1" else "patient")


def pytest_collection_finish() -> None:
    """Leave what has been imported out of every later search for garbage: each took 0.3 s."""
    gc.collect()
    gc.freeze()


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    must_run = os.environ.get("CPO_REQUIRE_ALL") == "1"
    if must_run and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here (CPO_REQUIRE_ALL=1). {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one when everything must run."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failed one when everything must run."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the session: ours, or the one CPO_TEST_POSTGRES_URL names."""
    with start_postgres(os.environ.get("CPO_TEST_POSTGRES_URL")) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database of this test's own."""
    with postgres_server.database() as url:
        yield url
