"""The panels below a caption; each file has one function `panel(looked)`, imported when it is chosen."""
