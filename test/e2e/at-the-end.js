// Runs a command once standard input closes, which it also does when the process that holds it is killed.
const { spawnSync } = require('node:child_process');

const [command = '', ...args] = process.argv.slice(2);
process.stdin
  .on('error', () => {})
  .on('close', () => {
    process.exitCode = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status ?? 1;
  })
  .resume();
