"""Engage: public engagement a police press office can put its name to."""

__version__ = "0.1.0"
