"""The state of tasks in lists, as programs render those of GitHub's Markdown."""

from __future__ import annotations

import pytest
from programs.small_articles import read

ITEMS = {
    "github": "<li class=task-list-item><input type='checkbox' class=task-list-item-checkbox disabled{0}> Mend "
    "the gate</li>",
    "in a paragraph": "<li><p><input type='checkbox' disabled=''{0}> Mend the gate</p></li>",
    "pymdownx": "<li class=task-list-item><label class=task-list-control><input type='checkbox' disabled{0}/>"
    "<span class=task-list-indicator></span></label> Mend the gate</li>",
    "in its label": "<li class=task-list-item><label><input type='checkbox' disabled{0}> Mend the gate</label></li>",
    "upper case": "<LI><INPUT TYPE=CHECKBOX DISABLED{0}> Mend the gate</LI>",
    "without a space": "<li><input type=checkbox disabled{0}>Mend the gate</li>",
}


@pytest.mark.parametrize("item", ITEMS.values(), ids=list(ITEMS))
def test_a_task_keeps_its_state(item: str) -> None:
    text, marked = read(f"<ul>{item.format(' checked')}{item.format('')}</ul>")

    assert "\n- [x] Mend the gate\n- [ ] Mend the gate" in text
    assert "\n- [x] Mend the gate\n- [ ] Mend the gate" in marked


def test_a_task_in_a_cell_keeps_its_state() -> None:
    row = "<tr><td>{}</td><td><input type=checkbox disabled{}></td><td>{}</td></tr>"
    table = f"<table><tr><th>Task</th><th>Done</th><th>Who</th></tr>{row.format('Gate', ' checked', 'Ada')}"

    assert "Gate\t[x]\tAda\nRoof\t[ ]\tBob" in read(f"{table}{row.format('Roof', '', 'Bob')}</table>")[0]


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li><label><input type=checkbox checked> North</label></li><li>The gate of the harbour</li></ul>",
        "<ul><li>The gate of the harbour <input type=checkbox disabled></li><li>Its lock and its keeper</li></ul>",
        "<p><input type=checkbox disabled> The gate of the harbour is closed for all of the winter, the office "
        "says.</p>",
    ],
    ids=["of a form", "after words", "in no list"],
)
def test_other_check_boxes_say_nothing(html: str) -> None:
    text, marked = read(html)

    assert "[" not in text
    assert "[" not in marked
