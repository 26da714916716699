"""Public posts that are to go, each with its receipt once it is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "takedown",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_takedown_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_takedown_post_id_post")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_takedown")),
    )
    op.create_index(op.f("ix_takedown_post_id"), "takedown", ["post_id"])
    op.create_index("ix_takedown_asked", "takedown", ["try_at"], postgresql_where=sa.text("state = 'asked'"))
    op.create_index(
        "ix_takedown_needs_person", "takedown", ["asked_at"], postgresql_where=sa.text("needs_person")
    )
