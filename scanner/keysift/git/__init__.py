"""What git knows: the only room that starts git or opens a pack."""
