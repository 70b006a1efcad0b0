"""The application: stores facts, wires the engines, answers people and machines."""

__version__ = "0.1.0"
