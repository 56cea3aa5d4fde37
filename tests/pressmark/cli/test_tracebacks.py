"""The traceback of a command, which PRESSMARK_TRACEBACK asks for, shows where it failed and no secret."""

from __future__ import annotations

import pytest

from pressmark.cli.runtime import fail_for
from pressmark.service.exits import Exit
from pressmark.service.redaction import HIDDEN, redaction


def fail() -> None:
    try:
        raise ValueError("the cause is in-a-cause-canary")
    except ValueError as error:
        raise RuntimeError("password in-a-command-canary was refused \x1b[2J") from error


@pytest.mark.parametrize("wanted", [True, False])
def test_a_traceback_of_a_command_contains_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    redaction.hide(["in-a-command-canary", "in-a-cause-canary"])
    monkeypatch.setenv("PRESSMARK_TRACEBACK", "1" if wanted else "")
    with pytest.raises(RuntimeError) as found:
        fail()

    assert fail_for(found.value).exit_code == Exit.ERROR
    said = capsys.readouterr().err
    assert f"error: RuntimeError: password {HIDDEN} was refused" in said
    assert ("in fail" in said, f"the cause is {HIDDEN}" in said) == (wanted, wanted)
    assert "canary" not in said and "\x1b" not in said
