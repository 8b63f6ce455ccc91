"""`python -m shopsite.demo`: the whole phone shop on this machine, with a real database, broker and workers."""
