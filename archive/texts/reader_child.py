"""The child process that reads pages, isolated from the rest.

It reads requests from its standard input and writes responses to its standard output until the input ends. It has no
secrets in its environment, is confined to its pipes before it reads a page (`archive.texts.confinement`), and has
limits on memory and on CPU per page.

    python -m archive.texts.reader_child MEMORY CPU_SECONDS

A request is two messages: a JSON object (`url`, `content_type`, `content_encoding`, `at`), then the payload as
received.
A response is one message: a JSON object with `state`, `reason` and `text`. The first message is empty: loading is done.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, BinaryIO

from archive.texts.confinement import confine
from archive.texts.frames import framed, read_frame

OUT_OF_MEMORY = 70
"""Exit status after a page that needed too much memory."""


def main(memory: int, cpu_seconds: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output that a library prints must not mix with responses
    try:
        from extractor.reading import load

        load()
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # not earlier: a library creates its cache directory
        confine()  # `pressmark doctor` says what the kernel lacks for it
        _say(answers, b"")
        return _serve(sys.stdin.buffer, answers, cpu_seconds)
    except MemoryError:
        return OUT_OF_MEMORY
    except BrokenPipeError:
        return 0


def _serve(questions: BinaryIO, answers: BinaryIO, cpu_seconds: int) -> int:
    while (question := read_frame(questions)) is not None and (payload := read_frame(questions)) is not None:
        _grant(cpu_seconds)
        _say(answers, json.dumps(_answer(json.loads(question), payload)).encode())
    return 0


def _say(answers: BinaryIO, message: bytes) -> None:
    answers.write(framed(message))
    answers.flush()


def _grant(cpu_seconds: int) -> None:
    """Allow that many more seconds of CPU; after them, the kernel ends the process with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_seconds + 1, hard))


def _answer(question: dict[str, Any], payload: bytes) -> dict[str, Any]:
    from extractor.forums.social.json_pages import is_json
    from extractor.html.page import Page
    from extractor.links.script_shell import MOST_SAID
    from extractor.links.verdict import of_page
    from extractor.mail.message import is_mail
    from extractor.metadata.reservations import reservations_of
    from extractor.pdf.document import UnreadableDocument, is_document
    from extractor.reading import extract, first_elements, limit_of
    from extractor.values.content import decode_content
    from extractor.values.thread_json import thread_json

    decoded = decode_content(payload, question["content_encoding"], limit_of(question["content_type"]))
    at = datetime.fromisoformat(question["at"]) if question["at"] else None
    document = is_document(decoded.body, question["content_type"]) or is_mail(question["content_type"])
    body, cut = (decoded.body, None) if document else first_elements(decoded.body)
    wrong = decoded.error or cut
    page = Page(question["url"], body, question["content_type"], at)
    try:
        text = extract(page)
        verdict, reserved = (None, []) if document or is_json(page) else (of_page(page), reservations_of(page))
    except MemoryError:
        raise
    except UnreadableDocument as error:
        return {"state": "failed", "reason": wrong or str(error), "text": None}
    except Exception as error:
        return {
            "state": "failed",
            "reason": f"extraction raised {type(error).__name__}: {str(error)[:300]}",
            "text": None,
        }
    if text is not None and verdict is not None and verdict.is_page:
        if len(text.text) > MOST_SAID:
            verdict = None  # its data contains the text
        else:
            text = replace(text, text="", markdown=None, thread=None)  # a notice that scripts are needed
    judged = asdict(verdict) if verdict else None
    thread = thread_json(text.thread) if text is not None and text.thread is not None else None
    said = asdict(replace(text, thread=None)) | {"thread": thread} if text is not None else None
    if text is None or not text.text:
        why = "the page gets its text from scripts, so the archive does not have this text"
        why = wrong or (why if verdict is not None and verdict.is_page else "the page has no main text")
        return {"state": "none", "reason": why, "text": said, "verdict": judged, "reservations": reserved}
    return {"state": "done", "reason": wrong, "text": said, "verdict": judged, "reservations": reserved}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
