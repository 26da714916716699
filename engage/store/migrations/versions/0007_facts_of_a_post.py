"""Posts found by what they state: all that is public about one case."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(
        "ix_post_context",
        "post",
        ["context"],
        postgresql_using="gin",
        postgresql_ops={"context": "jsonb_path_ops"},
    )
