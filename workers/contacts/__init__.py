"""What people do to reach customers: asked, begun, ended, recorded. Commands and other doors call
this, so that each of them counts the same and does the same."""
