"""Write events of preservation as a PREMIS 3 document (https://www.loc.gov/standards/premis/v3/)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from xml.sax.saxutils import escape, quoteattr

from archive.index.preservation_events import Event

_TYPES = "http://id.loc.gov/vocabulary/preservation/eventType"


def premis(events: Iterable[Event]) -> Iterator[str]:
    """Yield a PREMIS 3 document with these events, line by line."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<premis xmlns="http://www.loc.gov/premis/v3" version="3.0">\n'
    agents = set[str]()
    for event in events:
        agents.add(event.agent)
        yield from _event(event)
    for agent in sorted(agents):
        name = escape(agent)
        yield (
            "<agent><agentIdentifier><agentIdentifierType>software</agentIdentifierType>"
            f"<agentIdentifierValue>{name}</agentIdentifierValue></agentIdentifier>"
            f"<agentName>{name}</agentName><agentType>software</agentType></agent>\n"
        )
    yield "</premis>\n"


def _event(event: Event) -> Iterator[str]:
    yield (
        "<event><eventIdentifier><eventIdentifierType>local</eventIdentifierType>"
        f"<eventIdentifierValue>{event.id}</eventIdentifierValue></eventIdentifier>"
        f'<eventType authority="eventType" authorityURI={quoteattr(_TYPES)}>{event.type}</eventType>'
        f"<eventDateTime>{event.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</eventDateTime>"
        f"<eventOutcomeInformation><eventOutcome>{event.outcome}</eventOutcome><eventOutcomeDetail>"
        f"<eventOutcomeDetailNote>{escape(event.note)}</eventOutcomeDetailNote></eventOutcomeDetail>"
        "</eventOutcomeInformation><linkingAgentIdentifier><linkingAgentIdentifierType>software"
        f"</linkingAgentIdentifierType><linkingAgentIdentifierValue>{escape(event.agent)}"
        "</linkingAgentIdentifierValue></linkingAgentIdentifier><linkingObjectIdentifier>"
        f"<linkingObjectIdentifierType>{escape(event.place)}</linkingObjectIdentifierType>"
        f"<linkingObjectIdentifierValue>{escape(event.object or event.place)}</linkingObjectIdentifierValue>"
        "</linkingObjectIdentifier></event>\n"
    )
