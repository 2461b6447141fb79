"""The law of contact: rule packs as data, evaluated by pure functions (see ``engine``)."""
