"""What opens below the beam tree, a panel a file."""
