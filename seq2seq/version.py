"""The one place of the version; the wheel takes it from here."""

VERSION = "0.2.0"
