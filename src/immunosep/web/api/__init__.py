"""The programming interface: the site's own actions and permissions, for programs, by a token."""
