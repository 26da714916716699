"""Where to look next, for planning inside the force only: never a figure, never evidence, never a post (rule F01).

Only the command line may import this room; the import contracts refuse everyone else. What it makes can be
written to a file and nothing else: it has no number and no words that a draft could take up. Nothing of it
is kept in the database.
"""
