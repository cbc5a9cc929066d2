"""The processes of a rehearsal: a site, workers, a mail server, and who directs them, all under one virtual clock."""
