"""Attachments (附件): images and files that hang on what people write."""
