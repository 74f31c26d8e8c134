"""What opens below the translate page's searches."""
