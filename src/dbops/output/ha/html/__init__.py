"""What is on the page of a cluster: pictures as numbers, texts, and the templates that lay them out."""
