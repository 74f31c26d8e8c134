"""The views of the teacher-forcing page, one a file."""
