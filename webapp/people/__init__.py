"""Users, roles, residence (who lived where from when to when), signing in, the gate."""
