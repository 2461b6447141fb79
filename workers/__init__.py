"""Processes and commands. Importing it settles whose time-zone data hold, in the sandbox too."""

from config.geo.timezone_data import use_pinned

use_pinned()
