from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
