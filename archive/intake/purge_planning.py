"""Decide what a purge removes: what captures that stay need stays, too, to a fixed point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from archive.index.index import Index
from archive.index.purges.given_up import names_given_up
from archive.index.purges.needs import leaning_on, places_of_ids, with_items
from archive.intake.listed_files import ListedFiles
from archive.intake.purge_plan import KeptBack, Plan, Reason, place_of
from archive.texts.left_jobs import unread_among
from archive.values.capture import BESIDE_PAGE, Capture

_Place = tuple[str, int]


class Planning:
    """One plan, while it is made.

    `_found` only grows, and `_kept`, which has the places that are kept back, too: so this ends.
    """

    def __init__(
        self,
        index: Index,
        listed: ListedFiles,
        confirmed: Collection[str] | None = None,
        *,
        with_revisits: bool,
        written: Collection[Capture] = (),
        held: Callable[[Capture], bool] = lambda _: False,
    ) -> None:
        """With `confirmed`, no other record than these is purged. With `with_revisits`, revisits that need a record
        and lists of media that name one are purged, too. `written` are revisits and lists that the index may not have
        yet; `held` says what people hold.
        """
        self._listed = listed
        self._index, self._confirmed, self._with_revisits = index, confirmed, with_revisits
        self._written, self._held = written, held
        self._lost = names_given_up(index.database)
        """The segments that people have given up: there is nothing of them to delete until they come back."""
        self._found = dict[_Place, Capture]()
        self._kept = dict[_Place, KeptBack]()
        self._drawn = dict[_Place, dict[_Place, Capture]]()
        """Of what a browser drew, all answers of its page: it goes only with all of them."""

    def plan(self, wanted: Iterable[Capture]) -> Plan:
        """Return the plan for these captures, and for what a browser drew of them."""
        some = list(wanted)
        new = self._add([one for one in some if self._is_allowed(one)])
        while new or self._keep_drawn():
            self._kept |= {place: KeptBack(new[place], why) for place, why in self._why_not(new).items()}
            new = self._add(self._settle())
        left = [one for place, one in self._found.items() if place not in self._kept]
        lost = tuple(one for one in some if one.location.segment in self._lost)
        return Plan(tuple(left), tuple(self._kept.values()), tuple(self._listed.left_by(left)), lost)

    def _keep_drawn(self) -> bool:
        """Keep back what was drawn of a page that stays; return whether that is anything new: it may be a list."""
        before = len(self._kept)
        for drawn, pages in self._drawn.items():
            stay = tuple(one for place, one in pages.items() if self._stays(place))
            if stay and drawn not in self._kept:
                self._kept[drawn] = KeptBack(self._found[drawn], "needed", stay)
        return len(self._kept) > before

    def _is_allowed(self, one: Capture) -> bool:
        if one.location.segment in self._lost:
            return False
        return self._confirmed is None or one.record_id in self._confirmed

    def _add(self, some: Iterable[Capture]) -> dict[_Place, Capture]:
        """Add captures with what was drawn of them; return those that are new."""
        new = {place_of(one): one for one in some}
        for page in list(new.values()):
            for drawn in filter(self._is_allowed, self._drawn_of(page)):
                if place_of(drawn) not in self._drawn:
                    self._drawn[place_of(drawn)] = {place_of(one): one for one in self._beside(page)}
                new.setdefault(place_of(drawn), drawn)
        new = {place: one for place, one in new.items() if place not in self._found}
        self._found |= new
        return new

    def _drawn_of(self, page: Capture) -> Iterator[Capture]:
        """Yield what a browser made of a capture: the document, the pictures, what the page requested and said."""
        if document := self._index.drawn_of(page):
            yield document
        for urn in BESIDE_PAGE:
            for each in self._index.in_second(urn + page.url, page.at):
                if (each.at, each.collection) == (page.at, page.collection):
                    yield each

    def _beside(self, page: Capture) -> Iterator[Capture]:
        """Yield the answers of a page of one moment, itself among them: other tools write a second for all of them."""
        for each in self._index.in_second(page.url, page.at):
            if (each.at, each.collection) == (page.at, page.collection) and each.kind != "conversion":
                yield each

    def _why_not(self, some: dict[_Place, Capture]) -> dict[_Place, Reason]:
        """Return which captures can't be purged, whatever the others need, and why."""
        ids = [one.record_id for one in some.values()]
        given, named = (
            with_items(self._index.database, ids),
            places_of_ids(self._index.database, ids, self._index.months),
        )
        stored = {name: self._is_stored(name) for name in {one.location.segment for one in some.values()}}
        found = dict[_Place, Reason]()
        for place, one in some.items():
            if not one.record_id:
                found[place] = "nameless"
            elif self._held(one):
                found[place] = "hold"
            elif len(named.get(one.record_id, ())) > 1:
                found[place] = "twice"
            elif one.record_id in given:
                found[place] = "items"
            elif not stored[one.location.segment]:
                found[place] = "spool"
        return found

    def _is_stored(self, segment: str) -> bool:
        """Return whether the store alone has a segment, and its texts, too."""
        row = self._index.segment(segment)
        if row is None and (months := self._index.months) and months.segment_key(segment) is not None:
            return True  # its rows are added before it is purged
        if row is None or row.manifest_key is None or row.path is not None:
            return False
        return not unread_among(self._index.database, [segment])

    def _settle(self) -> list[Capture]:
        """Keep back what a capture that stays needs, until nothing changes; return revisits and lists to purge, too."""
        leaning = self._leaning()
        needs = {place: [place_of(each) for each in self._index.payloads.needs(one)] for place, one in leaning.items()}
        for one, named in self._listed.naming(self._found, self._written):
            leaning[place_of(one)], needs[place_of(one)] = one, named
        others = {place: one for place, one in leaning.items() if place not in self._found}
        free = set[_Place]()
        if self._with_revisits:
            free = {place for place, one in others.items() if self._is_allowed(one)} - self._why_not(others).keys()
        while True:
            stays = [place for place in leaning if place in self._kept or place in others.keys() - free]
            wanted = self._found.keys() - self._kept.keys()
            needed = {each for place in stays for each in needs[place] if each in wanted}
            if not needed:
                break
            for each in needed:
                self._kept[each] = KeptBack(self._found[each], "needed")
        left = self._found.keys() - self._kept.keys()
        if follow := [others[place] for place in free if not left.isdisjoint(needs[place])]:
            return follow
        self._name_all(leaning, needs)
        return []

    def _leaning(self) -> dict[_Place, Capture]:
        """Return the revisits that may need what was found. Our recorder names the record of each that it writes."""
        leaning = {
            place_of(one): one
            for one in leaning_on(self._index.database, list(self._found.values()), months=self._index.months)
        }
        ids = {one.record_id for one in (*self._found.values(), *leaning.values()) if one.record_id}
        while new := [
            one
            for one in self._written
            if place_of(one) not in leaning and one.refers_to and one.refers_to.record_id in ids
        ]:
            leaning |= {place_of(one): one for one in new}
            ids |= {one.record_id for one in new}
        return leaning

    def _name_all(self, leaning: dict[_Place, Capture], needs: dict[_Place, list[_Place]]) -> None:
        """Name all captures that need what is kept back for one of them."""
        for place, kept in self._kept.items():
            if kept.why == "needed":
                by = tuple(one for at, one in leaning.items() if place in needs[at] and self._stays(at))
                self._kept[place] = KeptBack(kept.capture, "needed", by or kept.needed_by)

    def _stays(self, place: _Place) -> bool:
        return place not in self._found or place in self._kept
