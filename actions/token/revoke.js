// The end of the job, also after a failure or when it is cancelled: revokes what create.js made.
require("./tdev.js").run("revoke");
