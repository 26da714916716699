"""Rules set aside for one post in exactly its words; append-only, as the record is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "rule_set_aside",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_rule_set_aside_by_person")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_rule_set_aside_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set_aside")),
    )
    op.create_index(op.f("ix_rule_set_aside_post_id"), "rule_set_aside", ["post_id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_set_aside "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
