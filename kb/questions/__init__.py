"""Questions (题目) about entries: the bank that idle study, must-reads and exams draw from."""
