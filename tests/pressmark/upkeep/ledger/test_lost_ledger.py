"""A store that has lost parts of the ledger: doctor and verify name them, and what they said is saved again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.index.objects import Objects
from archive.shipping.ledger_parts import parts_of
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit_ledger
from pressmark.upkeep.ledger.decisions_back import bring_decisions_back, examine_decisions
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import LedgerSaving

SOURCES = {
    "a.yaml": "source: a\nseeds: https://a.example.org/\n",
    "b.yaml": "source: b\nseeds: https://b.example.org/\n",
}
Harm = Callable[[Service], None]
LOST = "missing in the ledger of the worker main"


@pytest.fixture
def service(service: Service) -> Service:
    """A service whose ledger has three parts; the last one says that a source was deleted."""
    service.settings.sources.mkdir()
    saving = LedgerSaving(service)
    for name, text in SOURCES.items():
        (service.settings.sources / name).write_text(text)
        service.pauses.pause(name)
        assert saving.save()
    (service.settings.sources / "b.yaml").unlink()
    assert saving.save()
    return service


def all_of_it(service: Service) -> None:
    shutil.rmtree(Path(service.settings.store) / "ledger")


def the_first_part(service: Service) -> None:
    service.store.delete(min(parts_of(service.store)).key)


def the_last_parts(service: Service) -> None:
    for part in sorted(parts_of(service.store))[1:]:
        service.store.delete(part.key)


def missing(service: Service) -> list[str]:
    """Return what verify says."""
    return [found.sentence for checked in audit_ledger(service) for found in checked.findings]


@pytest.mark.parametrize("harm", [all_of_it, the_last_parts])
def test_doctor_names_what_the_ledger_has_lost_as_verify_does(service: Service, harm: Harm) -> None:
    assert [code for _, code in examine_decisions(service)] == [Exit.OK]  # the control
    harm(service)
    [(sentence, code)] = examine_decisions(service)
    assert code == Exit.INTEGRITY
    assert LOST in sentence
    assert "pressmark audit --share 1/1 --repair" in sentence
    [said] = missing(service)
    assert LOST in said


def test_what_a_service_lost_while_it_ran_is_saved_again_by_the_next_start(service: Service, new: Service) -> None:
    saving = LedgerSaving(service)
    saving.save()
    all_of_it(service)
    service.pauses.pause("c")
    assert saving.save()
    assert [code for _, code in examine_decisions(service)] == [Exit.INTEGRITY]
    assert LedgerSaving(service).save()
    assert not LedgerSaving(service).save()

    assert restore(new).rows.pauses == len(SOURCES) + 1
    told = list(examine_decisions(service))
    assert [code for _, code in told][:1] == [Exit.OK]
    assert "saved again since" in told[0][0]


@pytest.mark.parametrize("harm", [all_of_it, the_last_parts])
def test_doctor_is_content_once_everything_was_saved_again(service: Service, harm: Harm) -> None:
    harm(service)
    saving = LedgerSaving(service)
    saving._begin()
    assert Exit.INTEGRITY in {code for _, code in examine_decisions(service)}  # noted, and not yet saved
    saving.save()
    [(sentence, code)] = examine_decisions(service)
    assert code == Exit.OK
    assert LOST in sentence
    assert "saved again since" in sentence


def test_doctor_names_what_is_lost_after_that(service: Service) -> None:
    all_of_it(service)
    LedgerSaving(service).save()
    all_of_it(service)
    [(_, code)] = examine_decisions(service)
    assert code == Exit.INTEGRITY


@pytest.mark.parametrize(("harm", "first"), [(all_of_it, []), (the_last_parts, [1])])
def test_the_next_part_has_everything_again_and_the_lost_ones_stay_named(
    service: Service, new: Service, harm: Harm, first: list[int]
) -> None:
    harm(service)
    saving = LedgerSaving(service)
    assert saving.save()
    assert not saving.save()
    assert [part.first for part in sorted(parts_of(service.store))] == [*first, 4]
    [said] = missing(service)
    assert LOST in said

    restored = restore(new)
    assert new.pauses.all() == service.pauses.all()
    assert restored.rows.pauses == len(SOURCES)
    assert {file.name: file.read_text() for file in new.settings.sources.glob("*.yaml")} == {
        "a.yaml": SOURCES["a.yaml"]
    }


def test_a_ledger_that_has_lost_nothing_is_not_saved_again(service: Service) -> None:
    assert not LedgerSaving(service).save()
    assert missing(service) == []


@pytest.mark.parametrize("harm", [all_of_it, the_first_part, the_last_parts])
def test_parts_that_a_person_has_given_up_are_named_no_more(service: Service, harm: Harm) -> None:
    harm(service)
    LedgerSaving(service).save()
    bring_decisions_back(service)
    [said] = missing(service)
    assert LOST in said  # the control
    assert not_in_the_store(service)

    bring_decisions_back(service, accepts_loss=True)
    assert missing(service) == []
    assert restore(service).findings == ()
    assert [code for _, code in examine_decisions(service)] == [Exit.OK]
    assert not_in_the_store(service) == set()  # what an audit would look for


def test_what_is_lost_after_some_parts_were_given_up_is_named(service: Service) -> None:
    the_last_parts(service)
    LedgerSaving(service).save()
    bring_decisions_back(service, accepts_loss=True)
    assert missing(service) == []
    all_of_it(service)
    [said] = missing(service)
    assert LOST in said
    assert Exit.INTEGRITY in {code for _, code in examine_decisions(service)}


def not_in_the_store(service: Service) -> set[str]:
    """Return the parts that an audit knows, and that the store does not have."""
    return Objects(service.database).known("ledger/") - {part.key for part in parts_of(service.store)}
