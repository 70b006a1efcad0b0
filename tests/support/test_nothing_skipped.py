"""On the build machine a skip is a failure; elsewhere it is a message."""

import pytest

import tests.conftest

A_TEST = "import pytest\n\ndef test_a_reason():\n    pytest.skip('no such thing here')\n"
A_MODULE = "import pytest\npytest.importorskip('no_such_module_at_all')\n"


class OurRule:
    """The hooks of our conftest, without its fixtures."""

    pytest_runtest_makereport = staticmethod(tests.conftest.pytest_runtest_makereport)
    pytest_make_collect_report = staticmethod(tests.conftest.pytest_make_collect_report)


@pytest.mark.parametrize("source", [A_TEST, A_MODULE], ids=["test", "module"])
@pytest.mark.parametrize(("require_all", "fails"), [("1", True), ("0", False)])
def test_a_skip_fails_only_where_nothing_may_skip(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    require_all: str,
    fails: bool,
) -> None:
    monkeypatch.setenv("CPO_REQUIRE_ALL", require_all)
    pytester.makepyfile(source)

    outcome = pytester.inline_run("-p", "no:asyncio", plugins=[OurRule()])

    bad = (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    assert (outcome.ret in bad) is fails
