"""Measuring whole imports: what tests/bench/imports is made of. Nothing but Python's standard library.

process  runs one command and says what it took     files   the CSV files, from tests/tools/make-contacts.py
tools    Landfall and its peers                     rounds  which runs are made, in which order
report   tables of what was measured                plot    the same as a picture
"""
