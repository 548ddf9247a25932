// The step itself: makes the token, masks it, puts it out, and keeps it for revoke.js.
const tdev = require("./tdev.js");

tdev.run("create", tdev.task());
