"""Why a delivery whose answer is awaited must not be sent again by itself.

Expand only: the column may be empty, and the release before this one leaves it so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        "delivery",
        sa.Column(
            "kept_back",
            sa.String(),
            nullable=True,
            comment="why it does not go again without new approval; written while nobody knew whether it was public",
        ),
    )


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
