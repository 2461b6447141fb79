"""Who is told of what happened, and by which secret they know that it is us."""
