"""What monitoring asks: is it alive, is it ready, what are the numbers."""

from web.ops.views import blueprint

__all__ = ["blueprint"]
