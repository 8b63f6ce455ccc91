"""How gunicorn runs the shop; read on its own when it is started here. Arguments and GUNICORN_CMD_ARGS come first."""

import os

# Read when NumPy is loaded. A second BLAS thread has little to do in a request and then waits for more at full speed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# One thread works or waits for each request that MAX_REQUESTS and MAX_WAITING let in; one more sends the others away.
worker_class = "gthread"
threads = 16
graceful_timeout = 30  # how long a worker that is replaced may finish what it has begun
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """Open in each new process what its first visitors would wait for."""
    from django.db import connections  # only now is Django set up

    from recommender.services.warming import warm

    warm()
    connections.close_all()  # this thread serves nobody
