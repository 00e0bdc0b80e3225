"""What there is to say of a query: text for terminals, and a page that stands by itself."""
