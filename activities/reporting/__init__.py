"""Reports: collected from PostgreSQL, shown as a page, as JSON and as a table."""
