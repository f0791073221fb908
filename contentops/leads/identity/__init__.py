"""Who is who: what people are recognised by, which contacts are one person, who works for the same company."""
