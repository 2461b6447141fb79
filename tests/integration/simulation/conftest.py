"""What the activities need, as the store's tests have it."""

from tests.integration.store.conftest import dependencies as dependencies
from tests.integration.store.conftest import sandbox_url as sandbox_url
