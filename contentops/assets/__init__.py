"""What we have and who answers for it: Markdown and front matter in, standards, duties, workflow."""
