"""What opens below a caption; each file has one function `panel(looked)`, read when it is chosen."""
