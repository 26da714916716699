"""The schema, one step at a time."""
