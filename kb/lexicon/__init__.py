"""The centre's words (词库): synonyms, dictionary words and pinned answers that a knowledge manager keeps."""
