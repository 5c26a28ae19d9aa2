"""Measuring: documents of natural Chinese statistics as many as wanted, the product's engine, and others beside it."""
