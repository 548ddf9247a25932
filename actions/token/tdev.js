// Runs `tdev token …` with the action's inputs as the variables that tdev reads; ends as tdev ends.
const { spawnSync } = require("node:child_process");

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] || "";

exports.task = () => input("task");

exports.run = (...words) => {
  const env = {
    ...process.env,
    TDEV_APP_ID: input("app-id"),
    TDEV_APP_PRIVATE_KEY: input("private-key"),
    GITHUB_TOKEN: input("github-token"),
  };
  const done = spawnSync("tdev", ["token", ...words], { env, stdio: "inherit" });
  if (done.error) {
    console.log(`::error::tdev could not be started (${done.error.code}). Use t-developer/tdev/actions/setup before.`);
  }
  process.exitCode = done.status ?? 1;
};
