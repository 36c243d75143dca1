"""What `make bench` measures; `python -m tests.bench callbacks ask start province rounds` runs single pieces.

Nothing here is collected by pytest. Every figure is printed with the machine it was taken on, and ratios are
taken within one run, because absolute figures of two machines cannot be compared.
"""
