"""PostgreSQL: SQLAlchemy tables by room, migrations, and the one transaction they share."""
