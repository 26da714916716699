"""Policies by their hash, their proposals and signatures, and which is in force; append-only, as the record is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "policy_version",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "policy_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("against", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("replay", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["against"], ["policy_version.hash"], name=op.f("fk_policy_proposal_against_policy_version")
        ),
        sa.ForeignKeyConstraint(
            ["hash"], ["policy_version.hash"], name=op.f("fk_policy_proposal_hash_policy_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_proposal")),
    )
    op.create_table(
        "policy_reply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["policy_proposal.id"], name=op.f("fk_policy_reply_proposal_id_policy_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_reply")),
        sa.UniqueConstraint(
            "proposal_id", "by", "signed", name=op.f("uq_policy_reply_proposal_id_by_signed")
        ),
    )
    op.create_table(
        "policy_in_force",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["hash"], ["policy_version.hash"], name=op.f("fk_policy_in_force_hash_policy_version")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["policy_proposal.id"],
            name=op.f("fk_policy_in_force_proposal_id_policy_proposal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_in_force")),
    )
    for table in ("policy_version", "policy_proposal", "policy_reply", "policy_in_force"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
