"""Write a table of names to train on: english, french, kind (female, male, family), from PyPI's faker.

pip install faker; python tools/names.py > names.tsv
"""
