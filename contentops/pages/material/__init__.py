"""What pages are made of: pieces of content, their converted texts, their pictures."""
