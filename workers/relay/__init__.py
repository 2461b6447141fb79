"""``contrapunto relay``: tells upstream systems what happened."""
