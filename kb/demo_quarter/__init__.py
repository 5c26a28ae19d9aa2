"""A simulated quarter of the demo, labelled as simulation, that drives the training loop once round.

People of the demo call, search in vain, report errors, learn and take quizzes through the operations everybody uses, by
a clock that runs ahead; so every figure of the report has its events. How well they do is invented (``Chances``), and
whatever they write says that it is simulated.
"""

from kb.demo_quarter.people import SIMULATION
from kb.demo_quarter.quarter import LENGTH, live

__all__ = ["LENGTH", "SIMULATION", "live"]
