"""Campaigns, and each time they come round."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("stated", postgresql.JSONB(), nullable=False),
        sa.Column("boroughs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("platforms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_table(
        "campaign_occurrence",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_occurrence_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_campaign_occurrence_post_id_post")),
        sa.PrimaryKeyConstraint("campaign_id", "borough", "due", name=op.f("pk_campaign_occurrence")),
        sa.UniqueConstraint("post_id", name=op.f("uq_campaign_occurrence_post_id")),
    )
