"""How it looks and what it asks for: gates, Markdown to HTML, themes, the site."""
