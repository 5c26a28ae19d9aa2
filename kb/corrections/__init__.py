"""Corrections (纠错): somebody says that an entry is wrong; it is decided, fixed, published, and they are told."""
