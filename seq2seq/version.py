"""The single definition of the version; the wheel build reads it."""

VERSION = "0.2.0"
