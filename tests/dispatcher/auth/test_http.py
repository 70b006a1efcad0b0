"""Versions in ETag and If-Match."""

import pytest

from dispatcher.auth.http import etag, seen_version
from dispatcher.errors import PreconditionRequired, StaleVersion


def test_a_version_goes_out_and_comes_back() -> None:
    assert seen_version(etag(7)) == 7


@pytest.mark.parametrize("header", ['W/"v7"', ' "v7" '])
def test_what_proxies_make_of_it_is_understood(header: str) -> None:
    assert seen_version(header) == 7


@pytest.mark.parametrize("header", [None, ""])
def test_an_edit_without_a_version_is_told_to_name_one(header: str | None) -> None:
    with pytest.raises(PreconditionRequired):
        seen_version(header)


@pytest.mark.parametrize(
    "header", ["*", "v7", '"7"', '"v-1"', '"v7", "v8"', "x" * 500, f'"v{"9" * 5000}"', '"v١"']
)
def test_a_version_that_is_none_of_ours_is_stale(header: str) -> None:
    with pytest.raises(StaleVersion):
        seen_version(header)
