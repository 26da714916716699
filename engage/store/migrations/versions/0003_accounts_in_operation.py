"""What running the accounts needs: health in words, removal, budgets, prices, kept sessions, who was seen.

Expand only: every new column may be empty, so the release before this one goes on running.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    for column in (
        sa.Column("health_detail", sa.String(), nullable=True),
        sa.Column(
            "next_check_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="None: as soon as anyone looks",
        ),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "budget_posts", sa.Integer(), nullable=True, comment="a calendar month in London; None: no limit"
        ),
        sa.Column("budget_mills", sa.Integer(), nullable=True, comment="thousandths of the price's currency"),
    ):
        op.add_column("account", column)
    price = sa.Column(
        "price_mills", sa.Integer(), nullable=True, comment="what the platform charges for it, when sent"
    )
    op.add_column("delivery", price)
    op.create_index("ix_delivery_account_due", "delivery", ["account_id", "due_at"])
    op.create_table(
        "account_session",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_session")),
    )
    op.create_table(
        "engagement",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_engagement_delivery_id_delivery")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_engagement")),
    )
    op.create_table(
        "process_seen",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_process_seen")),
    )


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
