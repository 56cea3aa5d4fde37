"""What is summed over all runs that are over is kept, and no longer summed anew from an index of them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_SUMS = ("captures", "revisits", "failures", "bytes")


def upgrade() -> None:
    op.create_table(
        "run_totals",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("runs", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _SUMS),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("source", "outcome", name="pk_run_totals"),
    )
    sums = ", ".join(f"sum({name})" for name in _SUMS)
    op.execute(
        f"INSERT INTO run_totals (source, outcome, runs, {', '.join(_SUMS)}, last) "  # noqa: S608 - made of constants
        f"SELECT source, outcome, count(*), {sums}, coalesce(max(ended_at), 0) FROM runs "
        "WHERE outcome IS NOT NULL GROUP BY source, outcome"
    )
    op.drop_index("ix_runs_over", "runs")
