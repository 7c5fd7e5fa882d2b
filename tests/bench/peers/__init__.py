"""The tools that people would pick instead, measured the same way and on the same machine.

One file per tool says with which of its documented commands it starts, lists and is talked to;
`measure` times them, `corpus` judges what arrived, `bed` keeps each away from everything else.
"""
