"""States of the language model that writes summaries and translations for watches."""

from __future__ import annotations

from pressmark.service.exits import Exit
from pressmark.service.state_kind import Kind

ASSISTANT_KINDS: dict[str, Kind] = {
    "assistant-missing": Kind(
        "assistant",
        "watches ask for summaries or translations: %(count)s, the first is %(first)s; but the settings name no "
        "language model that writes them; set assistant.url and assistant.model, or change these watches",
        Exit.CONFIG,
        "Messages and pages show what the watches find without summaries and translations (how-to/watches.md).",
        blocks=False,
    ),
    "assistant-failing": Kind(
        "assistant",
        "the language model at %(host)s has given no good answer since %(since)s UTC: %(why)s; messages about watches "
        "are sent without summaries and translations; check the program there, and the settings below assistant",
        Exit.TEMPORARY,
        "An address that is not on the public internet, such as 127.0.0.1, has to be in `assistant.addresses`. "
        "It is asked again after 30 seconds, then less often, at least once an hour. `pressmark watches assistant`, or"
        " the button on the page **Webhooks**, asks at once: a good answer ends the pause. A changed setting needs a"
        " restart of the service.",
        blocks=False,
    ),
    "assistant-spent": Kind(
        "assistant",
        "the budget of today (UTC) for the language model is used up (requests: %(requests)s, characters: "
        "%(characters)s); what watches find is shown without summaries and translations until tomorrow; to raise the "
        "budget, change assistant.requests_a_day or assistant.characters_a_day, and restart the service",
        Exit.TEMPORARY,
        "The next day has a budget of its own. What was found within a day before gets its texts then.",
        blocks=False,
    ),
}
