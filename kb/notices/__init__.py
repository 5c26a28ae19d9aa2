"""Notices: what somebody is told because of something that happened, until they have read it."""
