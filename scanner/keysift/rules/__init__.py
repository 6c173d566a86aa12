"""What is looked for: the rules, and how they are written, read, checked and indexed."""
