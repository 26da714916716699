"""What an account showed when it was looked at for a lost post, and when its token ends.

Expand only: both columns may be empty, and the release before this one leaves them so.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        "delivery",
        sa.Column(
            "shown",
            postgresql.JSONB(),
            nullable=True,
            comment="what the account showed when it was last looked at for this",
        ),
    )
    op.add_column(
        "account",
        sa.Column(
            "token_expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="None: never, or nobody knows",
        ),
    )


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
