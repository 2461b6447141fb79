"""Settings and everything an operator edits. Importing it settles whose time-zone data hold."""

from config.geo.timezone_data import use_pinned

use_pinned()
