"""Read e-mails: their header fields, their text, and the images inside them."""
