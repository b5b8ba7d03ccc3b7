"""Comparisons with PyTorch and what is built on it. A package, so that its conftest.py is not that of python/tests."""
