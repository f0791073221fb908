"""Everything that knows HTTP: the site, the endpoint for forms, downloads."""
