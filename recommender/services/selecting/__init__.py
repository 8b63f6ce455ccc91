"""Selecting: which engine, half-lives and blends go live, by what a shop's own visitors did.

`selection.select` is the verb. Nothing is imported here: pages show `words`, and a web process has no use for SciPy.
"""
