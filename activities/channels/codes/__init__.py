"""What the codes of each provider mean, one provider a file, with where and when they were read.

Each file has its codes *at the door* (answers to a request, of which the documents say that they
come before anything is taken), its codes *later* (reports on a message that was taken), and, as
``error``, the reading of the provider's own error document (``answers.ErrorForm``).
"""
