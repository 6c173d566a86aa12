"""The version of keysift: said here, so that asking for it reads no metadata of the installation."""

VERSION = "0.1.0"
