"""Pages on what chooses strategies."""
