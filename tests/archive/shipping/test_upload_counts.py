"""The shipping of a segment is counted once, by result."""

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
def test_a_failed_shipping_is_counted_by_kind_and_still_raises(error: Exception, result: str) -> None:
    figures = Figures()
    with pytest.raises(type(error)), measured(figures):
        raise error
    with figures.drained() as counted:
        assert counted == {(Figure.UPLOADS, (result,)): 1.0}
    assert result in RESULTS


def test_a_successful_shipping_is_counted_with_its_duration() -> None:
    figures = Figures()
    with measured(figures):
        pass
    with figures.drained() as counted:
        assert counted[Figure.UPLOADS, ("ok",)] == 1.0
        assert {figure for figure, _ in counted} == {Figure.UPLOADS, Figure.UPLOAD_SECONDS}
