"""After a disaster: what was forgotten is read back, lost workflows are started, contacts go on."""
