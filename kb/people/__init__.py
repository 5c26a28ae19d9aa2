"""People: users, their roles, teams, regions and expertise; signing in and access tokens."""
