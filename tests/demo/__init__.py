"""The demo: its people and accounts, its data, and the whole story walked without a person."""
