"""The desk: what agents search on a call, whether it helped, and what the centre learns from that."""
