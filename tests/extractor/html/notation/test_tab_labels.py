"""The panels of tabs are read, each below its label, whichever of them the page shows first."""

from __future__ import annotations

import pytest
from programs.small_articles import read

LINUX = "<p>Install it with the package manager of the system, as you do all else.</p>"
WINDOWS = "<p>Run the program for the set-up, and follow its steps to their end.</p>"
PYMDOWN = (
    "<div class='tabbed-set tabbed-alternate'><input checked name=t type=radio><input name=t type=radio>"
    "<div class=tabbed-labels><label>Linux</label><label>Windows</label></div><div class=tabbed-content>"
    f"<div class=tabbed-block>{LINUX}</div><div class=tabbed-block>{WINDOWS}</div></div></div>"
)
SPHINX_DESIGN = (
    "<div class='sd-tab-set docutils'><input name=t type=radio><label class=sd-tab-label>Linux</label>"
    f"<div class='sd-tab-content docutils'>{LINUX}</div><input name=t type=radio><label class=sd-tab-label>Windows"
    f"</label><div class='sd-tab-content docutils'>{WINDOWS}</div></div>"
)
BUTTONS = (
    "<div role=tablist><button role=tab id=a aria-controls=pa>Linux</button><button role=tab id=b aria-controls=pb>"
    f"Windows</button></div><div id=pb role=tabpanel hidden>{WINDOWS}</div><div id=pa role=tabpanel>{LINUX}</div>"
)
LINKS = (
    "<ul role=tablist><li role=presentation><a role=tab href='#pa'>Linux</a><li><a role=tab id=b>Windows</a></ul>"
    f"<section id=pa role=tabpanel>{LINUX}</section><section role=tabpanel aria-labelledby=b>{WINDOWS}</section>"
)
BESIDE = (
    "<div class=tabs-container><ul role=tablist><li role=tab>Linux<li role=tab>Windows</ul>"
    f"<div><div role=tabpanel>{LINUX}</div><div role=tabpanel hidden>{WINDOWS}</div></div></div>"
)
PANELS = {
    "docusaurus": f"<div role=tabpanel>{LINUX}</div><div role=tabpanel hidden>{WINDOWS}</div>",
    "bootstrap": f"<div class='accordion-collapse collapse show'>{LINUX}</div>"
    f"<div class='accordion-collapse collapse' aria-hidden=true>{WINDOWS}</div>",
    "elementor": f"<div class=elementor-tab-content>{LINUX}</div>"
    f"<div class=elementor-tab-content style='display: none'>{WINDOWS}</div>",
    "divi": f"<div class=et_pb_toggle_content>{LINUX}</div>"
    f"<div class='et_pb_toggle_content clearfix' style='display:none'>{WINDOWS}</div>",
    "until-found": f"<div>{LINUX}</div><div hidden=until-found>{WINDOWS}</div>",
}


@pytest.mark.parametrize(
    "html",
    [PYMDOWN, SPHINX_DESIGN, BUTTONS, LINKS, BESIDE],
    ids=["pymdownx", "sphinx-design", "by aria-controls", "by links and labels", "by place, as docusaurus"],
)
def test_each_panel_is_below_its_label(html: str) -> None:
    assert "\nLinux\nInstall it with" in read(html)[0]
    assert "\nWindows\nRun the program" in read(html)[0]
    assert read(html)[0].count("Linux") == 1


@pytest.mark.parametrize("html", PANELS.values(), ids=list(PANELS))
def test_a_panel_that_a_click_opens_is_read(html: str) -> None:
    assert "Install it with" in read(html)[0]
    assert "Run the program" in read(html)[0]


def test_what_no_click_opens_is_not_read() -> None:
    assert "Run the program" not in read(f"<div>{LINUX}</div><div class=content hidden>{WINDOWS}</div>")[0]


def test_tabs_in_a_panel_have_their_own_panels() -> None:
    inner = "<ul role=tablist><li role=tab>Harbour<li role=tab>Tower</ul>"
    panels = f"<div role=tabpanel>{WINDOWS}</div><div role=tabpanel>{WINDOWS.replace('Run', 'Look at')}</div>"
    nested = BESIDE.replace(f"hidden>{WINDOWS}", f"hidden><div>{inner}<div>{panels}</div></div>")

    said = read(nested)[0]

    assert "\nLinux\nInstall it with" in said
    assert "\nWindows\nHarbour\nRun the program" in said
    assert "\nTower\nLook at the program" in said


def test_a_label_stays_where_its_panel_begins_with_the_same_word() -> None:
    assert "\nInstall\nInstall it with" in read(BESIDE.replace(">Linux", ">Install"))[0]


def test_a_label_that_begins_its_panel_is_said_once_and_tabs_without_panels_stay() -> None:
    headed = BESIDE.replace(LINUX, f"<h2>Linux</h2>{LINUX}")

    assert read(headed)[0].count("Linux") == 1
    assert read(BESIDE.replace("role=tabpanel hidden", "hidden"))[0].count("Install it with") == 1
