"""Exams (考试) drawn from the bank of questions, taken against the server's clock, and what their answers say."""
