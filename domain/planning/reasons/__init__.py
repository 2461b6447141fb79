"""Why an account, or one of its contact points, is left alone."""
