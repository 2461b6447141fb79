"""What the operator asks for beside the law, judged by the record."""
