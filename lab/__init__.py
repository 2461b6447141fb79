"""What plays or proves, never in production. Importing it settles whose time zones hold."""

from config.geo.timezone_data import use_pinned

use_pinned()
