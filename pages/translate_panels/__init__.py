"""The panels below the translate page's searches."""
