"""Pictures as they will be posted, and which of them a delivery carries.

Expand only: the release before this one writes deliveries without pictures and reads nothing of them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "picture",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False, comment="SHA-256 of the file it was made from"),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
    )
    op.add_column(
        "delivery",
        sa.Column("media", postgresql.JSONB(), server_default="[]", nullable=False),
    )
    op.create_index(
        "ix_delivery_media",
        "delivery",
        ["media"],
        postgresql_using="gin",
        postgresql_ops={"media": "jsonb_path_ops"},
        postgresql_where=sa.text("media <> '[]'::jsonb"),
    )


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
