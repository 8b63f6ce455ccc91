"""How gunicorn runs the shop; read on its own when it is started here. Arguments and GUNICORN_CMD_ARGS come first."""

# One thread works or waits for each request that MAX_REQUESTS and MAX_WAITING let in; one more sends the others away.
worker_class = "gthread"
threads = 16
graceful_timeout = 30  # how long a worker that is replaced may finish what it has begun
control_socket_disable = True
