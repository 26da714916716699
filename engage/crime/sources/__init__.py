"""Readers of published files: each recognised by its header, each refusing what it cannot vouch for."""
