"""The course: lessons as text files, which are computed by the models at hand.

A lesson (`lesson`) is a list of steps; each shows an experiment (`experiments`) and asks what it will show. `play`
computes one, `checking` says whether its points hold, `handout` prints it, and viz/stage/ has the runner.
"""
