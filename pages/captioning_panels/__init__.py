"""The panels below a caption; each file has one function `panel(subject)`, imported when it is chosen."""
