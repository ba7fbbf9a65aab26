"""One file for each thing that is checked: a function from the document, and where needed the catalog, to problems."""
