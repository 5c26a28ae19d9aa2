"""Licences (上岗资格): which tier of questions somebody has shown in an exam that they can answer, and until when."""
