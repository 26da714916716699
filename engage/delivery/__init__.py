"""Delivery: every approved part leaves once, or a person is told why not."""
