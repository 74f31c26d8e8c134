"""The views of the teacher-forcing page, one file each."""
