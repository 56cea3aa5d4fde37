"""How a run of a mailbox ended and why, derived from its counts."""

from __future__ import annotations

from collections import Counter

from archive.values.plural import counted
from config.values.mailbox import Mailbox
from crawler.mail.mailbox import MailboxFailed
from crawler.policy.order import Ending, Outcome
from crawler.policy.skip_reasons import dropped_in


def ended(box: Mailbox, tally: Counter[str], archived: int, failed: MailboxFailed | None) -> tuple[Ending, str]:
    """Return the ending and the reason of a run that nobody ended.

    `archived` are the messages of the source that are archived, `failed` is why the folder could not be read to its
    end.
    """
    new = tally["new"]
    if failed is not None:
        return ("partial", f"{_archived(new)}; {failed}") if new else ("failed", str(failed))
    said = _archived(new) if new else f"no new messages in the folder {box.folder}"
    if large := tally["dropped:too-large"]:
        are = "message is larger than allowed" if large == 1 else "messages are larger than allowed"
        said += f"; {large} {are} and not archived"
    if wrong := list(filter(None, (_not_given(tally), missing_images(tally), _unmarked(tally)))):
        return "partial" if archived else "failed", f"{said}; {'; '.join(wrong)}; the run log names each"
    if new:
        return "done", said
    if later := tally["captures"] - tally["revisits"]:
        return "done", f"{said}; {counted(later, 'missing image')} archived"
    if not archived and not tally["there"]:
        what = "no messages that match" if box.sender or box.list_id or box.subject else "no messages"
        return "empty", f"the folder {box.folder} of {box.host} has {what}"
    return "unchanged", said


def missing_images(tally: Counter[str]) -> str | None:
    """Return how many images from other servers are missing, as a part of the reason; None without any."""
    missing = tally["images-missing"]
    return f"{counted(missing, 'image')} could not be fetched" if missing else None


def _not_given(tally: Counter[str]) -> str | None:
    return f"the mail server did not give {counted(tally['not-given'], 'message')}" if tally["not-given"] else None


def _unmarked(tally: Counter[str]) -> str | None:
    unmarked = tally["unmarked"]
    return f"the mail server did not mark or move {counted(unmarked, 'message')}" if unmarked else None


def _archived(new: int) -> str:
    return f"{counted(new, 'new message')} archived"


def outcome_of(tally: Counter[str], waiting: int, ending: Ending | None, reason: str, archived: int = 0) -> Outcome:
    """Return the counts of a run, with its ending; None while it is active. `archived` is as for `ended`."""
    return Outcome(
        pages=tally["pages"],
        captures=tally["captures"],
        revisits=tally["revisits"],
        failures=tally["failures"],
        bytes=tally["bytes"],
        queued=waiting,
        tasks={"pending": waiting, "done": tally["pages"]},
        unanswered=tally["unanswered"],
        outcome=ending or "running",
        reason=reason,
        dropped=dropped_in(tally),
        held=archived,
    )
