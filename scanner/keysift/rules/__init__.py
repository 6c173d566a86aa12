"""What is looked for: the rules, how they are written, read, checked and indexed."""
