"""The shipping of a segment is counted once, by how it ended."""

from __future__ import annotations

import pytest

from archive.shipping.upload_counts import RESULTS, measured
from archive.values.counters import Figure, Figures
from archive.values.errors import IntegrityError, StoreDenied, StoreError, StoreUnreachable

ENDINGS = [
    (StoreUnreachable("away"), "unreachable"),
    (StoreDenied("no right"), "denied"),
    (IntegrityError("other bytes"), "integrity"),
    (StoreError("no bucket"), "failed"),
    (RuntimeError("broken"), "failed"),
]


@pytest.mark.parametrize(("error", "result"), ENDINGS)
def test_a_shipping_that_fails_is_counted_by_its_kind_and_still_fails(error: Exception, result: str) -> None:
    figures = Figures()
    with pytest.raises(type(error)), measured(figures):
        raise error
    with figures.taken() as counted:
        assert counted == {(Figure.UPLOADS, (result,)): 1.0}
    assert result in RESULTS


def test_a_shipping_that_succeeds_is_counted_with_its_time() -> None:
    figures = Figures()
    with measured(figures):
        pass
    with figures.taken() as counted:
        assert counted[Figure.UPLOADS, ("ok",)] == 1.0
        assert {figure for figure, _ in counted} == {Figure.UPLOADS, Figure.UPLOAD_SECONDS}
