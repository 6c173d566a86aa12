"""What people have accepted: comments, configuration and baseline, and whether that still holds."""
