"""Letters: notices on their way to people by mail. What a letter says is the web floor's business, as notices are."""
