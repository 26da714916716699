"""Edge servers: what X, Facebook and Mastodon look like from Engage's side of the network.

`python -m tests.fakes --ports-file FILE` starts them; `tests.fakes.credentials` gives the tokens they take.
"""
