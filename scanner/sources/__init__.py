"""Where bytes come from: each module yields blobs, and says what it left out and why. None knows of rules."""
