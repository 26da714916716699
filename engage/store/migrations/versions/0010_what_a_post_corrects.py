"""An index to find the corrections of a post."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(op.f("ix_post_corrects"), "post", ["corrects"])
