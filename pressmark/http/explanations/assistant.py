"""What pages, messages and commands say of a language model and of what it wrote, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

MACHINE_WORDS = (
    N_("Made by a machine (%(model)s), not checked"),
    N_("Summary of what was added"),
    N_("Translation"),
)
"""The words beside what a language model wrote: see `pressmark.notify.assistant.marking`."""
ASSISTANT = (
    N_("the page is closed to some readers, or was taken down, so its text is not sent"),
    N_("the site reserves text and data mining of this page (%(why)s), so its text is not sent"),
    N_("the text of the page was replaced since, so what was added is unknown"),
    N_("the budget of the day is used up"),
    N_("the service ended while the language model was asked"),
    N_("the settings name no language model; set assistant.url and assistant.model"),
    N_("%(host)s sent an answer that is cut off, or larger than %(size)s KiB"),
    N_("%(host)s sent something else than an answer of the API for chat completions"),
    N_("%(host)s sent an empty answer"),
    N_("%(host)s did not respond within %(seconds)s s"),
    N_("%(host)s could not be reached: %(why)s"),
    N_("%(host)s sent no response: %(why)s"),
    N_("unknown language %(language)s: the settings (assistant.languages) offer %(languages)s"),
)
"""Why a language model wrote nothing."""
