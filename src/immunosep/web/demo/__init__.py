"""A rehearsal: a site peopled with virtual patients, through the actions that a browser calls."""
