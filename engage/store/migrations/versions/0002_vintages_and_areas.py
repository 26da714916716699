"""What a publication changed, and counts of wards and LSOAs kept apart from figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        "import_file",
        sa.Column(
            "revisions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="how it differs from the files that spoke before it",
        ),
    )
    op.create_table(
        "area_count",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("borough", sa.String(), nullable=False),
        sa.Column("major", sa.String(), nullable=False),
        sa.Column("minor", sa.String(), nullable=False),
        sa.Column("counts", sa.ARRAY(sa.Integer()), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["import_file.sha256"],
            name=op.f("fk_area_count_sha256_import_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", "line", name=op.f("pk_area_count")),
    )
