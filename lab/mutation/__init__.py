"""Which changes to the law and its code does no test see? See README.md here."""
