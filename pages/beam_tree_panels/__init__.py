"""The panels below the beam tree, one file each."""
