"""What lies on the disk: the working tree, ignore files, standard input."""
