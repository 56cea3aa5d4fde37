"""Write events of preservation as a PREMIS 3 document (https://www.loc.gov/standards/premis/v3/)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from xml.sax.saxutils import escape, quoteattr

from archive.index.preservation_events import Event

_TYPES = "http://id.loc.gov/vocabulary/preservation/eventType"


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not have (section 2.2)."""


def premis(events: Iterable[Event]) -> Iterator[str]:
    """Yield a PREMIS 3 document with these events, line by line. Its object is the archive: the schema wants one."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<premis xmlns="http://www.loc.gov/premis/v3" version="3.0">\n'
    yield (
        '<object xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="intellectualEntity">'
        "<objectIdentifier><objectIdentifierType>local</objectIdentifierType>"
        "<objectIdentifierValue>archive</objectIdentifierValue></objectIdentifier></object>\n"
    )
    agents = set[str]()
    for event in events:
        agents.add(event.agent)
        yield from _event(event)
    for agent in sorted(agents):
        name = _text(agent)
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
        f"<eventOutcomeDetailNote>{_text(event.note)}</eventOutcomeDetailNote></eventOutcomeDetail>"
        "</eventOutcomeInformation><linkingAgentIdentifier><linkingAgentIdentifierType>software"
        f"</linkingAgentIdentifierType><linkingAgentIdentifierValue>{_text(event.agent)}"
        "</linkingAgentIdentifierValue></linkingAgentIdentifier><linkingObjectIdentifier>"
        f"<linkingObjectIdentifierType>{_text(event.place)}</linkingObjectIdentifierType>"
        f"<linkingObjectIdentifierValue>{_text(event.object or event.place)}</linkingObjectIdentifierValue>"
        "</linkingObjectIdentifier></event>\n"
    )


def _text(text: str) -> str:
    """Return a text as XML: a character that XML does not have becomes U+FFFD."""
    return escape(_NO_XML.sub("\ufffd", text))
