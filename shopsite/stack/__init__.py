"""A real PostgreSQL and a real Valkey from pip packages, run as child processes without root or installation.

The demo keeps their data in `.demo`; the tests throw it away:

    python -m shopsite.stack COMMAND...     runs one command with both at hand
"""

from shopsite.stack.children import Child, StackError
from shopsite.stack.postgres import Postgres
from shopsite.stack.services import Services
from shopsite.stack.valkey import Valkey

__all__ = ["Child", "Postgres", "Services", "StackError", "Valkey"]
