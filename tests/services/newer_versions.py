"""Newer versions of this code: copies with another schema, whose commands read PYTHONPATH."""

from __future__ import annotations

import shutil
from pathlib import Path

from archive.database.migrate import newest

ROOT = Path(__file__).parents[2]
PACKAGES = ("archive", "config", "crawler", "extractor", "pressmark", "scheduler")
EXPAND = (
    'op.create_table("shelves", sa.Column("name", sa.String, nullable=False)); '
    'op.add_column("runs", sa.Column("shelf", sa.String)); op.add_column("captures", sa.Column("shelf", sa.String))'
)
"""What a revision does that only adds."""
_REVISION = '''"""A revision of a test."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision}", "{before}"


def upgrade() -> None:
    {statements}
'''


def newer_version(directory: Path, *revisions: tuple[str, int]) -> Path:
    """Copy the code to a directory, with revisions after the newest: each with its statements, and how many schemas
    before it is the oldest that works with its tables. 0: none.
    """
    for package in PACKAGES:
        shutil.copytree(ROOT / package, directory / package, ignore=shutil.ignore_patterns("__pycache__"))
    migrations = directory / "archive" / "database" / "migrations"
    kinds = migrations / "expanding.py"
    for number, (statements, back) in enumerate(revisions, int(newest()) + 1):
        revision, before = f"{number:04}", f"{number - 1:04}"
        text = _REVISION.format(revision=revision, before=before, statements=statements)
        (migrations / "versions" / f"{revision}_test.py").write_text(text)
        said = kinds.read_text().replace('str] = {"', f'str] = {{"{revision}": "{number - back:04}", "', 1)
        kinds.write_text(said)
    return directory
