import pytest

from crm.office import memory


@pytest.fixture(autouse=True)
def fresh_memory():
    """What one test remembered of rows that were rolled back is nothing to the next."""
    memory.forget()
    yield
    memory.forget()
