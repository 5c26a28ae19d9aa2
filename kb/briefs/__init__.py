"""The shift brief (班前会): what changed since the team was last told, and who has been told."""
