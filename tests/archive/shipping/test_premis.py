"""Events are exported in the structure of PREMIS 3.0: the elements of its schema, in the order of their sequences."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

from archive.index.preservation_events import Event
from archive.shipping.fixity.premis import premis

NAMESPACE = "{http://www.loc.gov/premis/v3}"
STRUCTURE = {
    "premis": r"(object )+(event )*(agent )*(rights )*",
    "object": r"(objectIdentifier )+(preservationLevel )*(significantProperties )*(originalName )?",
    "objectIdentifier": r"objectIdentifierType objectIdentifierValue ",
    "event": r"eventIdentifier eventType eventDateTime (eventDetailInformation )*(eventOutcomeInformation )*"
    r"(linkingAgentIdentifier )*(linkingObjectIdentifier )*",
    "eventIdentifier": r"eventIdentifierType eventIdentifierValue ",
    "eventOutcomeInformation": r"eventOutcome (eventOutcomeDetail )*|(eventOutcomeDetail )+",
    "eventOutcomeDetail": r"eventOutcomeDetailNote (eventOutcomeDetailExtension )*|(eventOutcomeDetailExtension )+",
    "linkingAgentIdentifier": r"linkingAgentIdentifierType linkingAgentIdentifierValue (linkingAgentRole )*",
    "linkingObjectIdentifier": r"linkingObjectIdentifierType linkingObjectIdentifierValue (linkingObjectRole )*",
    "agent": r"(agentIdentifier )+(agentName )*(agentType )?(agentVersion )?(agentNote )*",
    "agentIdentifier": r"agentIdentifierType agentIdentifierValue ",
}
"""The children of each element, as regular expressions (https://www.loc.gov/standards/premis/premis.xsd, version 3.0).

An object is an intellectual entity here: its type has no characteristics of files.
"""
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
EVENTS = [
    Event(
        NOON, "fixity check", "fail", "a note with <b>, & and \x1b[31m\x00", "store", "warc/v1/a&b", "pressmark/1", 2
    ),
    Event(NOON, "replication", "success", "written again from second", "second", None, "pressmark/<1>", 1),
]


def mistakes(document: str) -> list[str]:
    """Return each element whose children are not those of the schema, or in another order."""
    found = list[str]()
    for element in ElementTree.fromstring(document).iter():
        name, children = _name(element), "".join(f"{_name(child)} " for child in element)
        if not re.fullmatch(STRUCTURE.get(name, ""), children):
            found.append(f"{name}: {children}")
    return found


def _name(element: ElementTree.Element) -> str:
    assert element.tag.startswith(NAMESPACE)
    return element.tag.removeprefix(NAMESPACE)


def test_a_document_has_the_structure_of_the_schema() -> None:
    document = "".join(premis(EVENTS))
    assert mistakes(document) == []
    root = ElementTree.fromstring(document)
    assert root.get("version") == "3.0"
    assert {one.get(TYPE) for one in root.iter(f"{NAMESPACE}object")} == {"intellectualEntity"}
    notes = [element.text for element in root.iter(f"{NAMESPACE}eventOutcomeDetailNote")]
    assert notes == ["a note with <b>, & and \ufffd[31m\ufffd", "written again from second"]
    assert [element.text for element in root.iter(f"{NAMESPACE}eventDateTime")] == ["2026-11-28T12:00:00Z"] * 2
    used = {element.text for element in root.iter(f"{NAMESPACE}linkingAgentIdentifierValue")}
    assert used == {element.text for element in root.iter(f"{NAMESPACE}agentIdentifierValue")}


def test_a_document_without_events_has_the_structure_too() -> None:
    assert mistakes("".join(premis([]))) == []


def test_elements_in_another_order_are_detected() -> None:
    document = "".join(premis(EVENTS))
    swapped = re.sub(r"(<eventType.*?</eventType>)(<eventDateTime>.*?</eventDateTime>)", r"\2\1", document)
    assert mistakes(swapped)
    assert mistakes(document.replace("eventOutcomeDetailNote>", "eventOutcomeNote>"))
    assert mistakes(re.sub("<object .*</object>", "", document))
