"""The forge's pages: plain HTML made on the server, without scripts; whatever comes from outside is escaped."""
