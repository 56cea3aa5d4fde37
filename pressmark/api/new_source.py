"""The body of POST /api/v1/sources: a URL to inspect, and any key of a source's file."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from config.schema import key_schemas
from config.values.described import Described
from pressmark.discover.propose import ProposalOptions
from pressmark.http.problems import Refused


def _with_keys(schema: dict[str, Any]) -> None:
    schema["properties"] |= key_schemas()
    schema["additionalProperties"] = False


class NewSource(Described):
    """A URL, which is inspected to find out the rest, or `seeds`, or a `spider`, or a mailbox (`imap`).

    Each key of a source's file is allowed, and overrides what was found.
    """

    # The keys are checked where those of files are, with the same errors.
    model_config = ConfigDict(extra="allow", json_schema_extra=_with_keys)

    url: str | None = Field(default=None, examples=["https://example.org/news/"])
    name: str | None = None
    """The same as `source`."""
    every: str | None = Field(default=None, examples=["6h"])
    """The same as `timetable: {every: …}`."""
    cron: str | None = None
    """The same as `timetable: {cron: …}`."""
    description: dict[str, Any] | None = None
    """The keys of a source's file in an object of their own."""
    dry_run: bool = False
    """Return what would be written, and write nothing."""

    def keys(self) -> dict[str, Any]:
        """Return what the body says of the source, as its file would. Raises Refused for a body that says no source."""
        given = {**(self.description or {}), **(self.model_extra or {})}
        given |= {"source": self.name} if self.name is not None else {}
        timetable = {key: value for key, value in (("every", self.every), ("cron", self.cron)) if value is not None}
        given |= {"timetable": timetable} if timetable else {}
        if (self.url is None) == (given.keys().isdisjoint({"seeds", "spider", "imap"}) and not self.description):
            raise Refused(422, "give either a url to inspect, or seeds, a spider or a mailbox (imap)")
        return given


def options_of(keys: dict[str, Any]) -> ProposalOptions:
    """Return what is wished of a source that is made of a URL."""
    rest = dict(keys)
    name = rest.pop("source", None) or rest.pop("name", None)
    return ProposalOptions(name=name, walk=rest.pop("walk", None), timetable=rest.pop("timetable", None), keys=rest)
