import pytest
from celery import Celery, current_app

from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too


@pytest.fixture
def no_broker():
    """Celery speaks to a port where nobody listens."""
    before = current_app._get_current_object()
    app = Celery("nobody", broker="redis://127.0.0.1:9/0", set_as_current=False)
    app.conf.task_publish_retry = False
    app.conf.broker_transport_options = {"socket_connect_timeout": 0.5, "max_retries": 0}
    app.set_current()
    yield
    before.set_current()
